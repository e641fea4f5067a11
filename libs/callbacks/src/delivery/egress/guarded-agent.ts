import { connect, isIP, isIPv6 } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { Agent, buildConnector, Pool } from 'undici';
import { CallbackUrlError } from '../../errors/callback-url.error.js';
import type { EgressPolicy } from './egress-policy.js';
import { GuardedConnection } from './guarded-connection.js';
import type { GuardedConnector } from './guarded-connection.js';
import { guardLookup } from './guarded-lookup.js';
import { IdleConnections } from './idle-connections.js';
import { NameLookups } from './names/name-lookups.js';
import { createSystemResolver } from './names/system-resolver.js';
import { addressIssue } from './address-issue.js';
import { openTunnel } from './proxy-tunnel.js';

/** How the guarded agent connects. */
export interface GuardedAgentOptions {
  /** How many bytes of one reply are taken from the wire: status, headers, body with its framing, trailers. */
  readonly maxWireBytes: number;
  /**
   * Is told the address that a host was connected at; the host has its port unless that is the default one. Behind a proxy
   * nobody knows it.
   */
  readonly onConnect: (host: string, address: string) => void;
}

/** A receiver can ask for its connection to be kept open: for no longer than this, in ms. */
const KEEP_ALIVE_LIMIT = 30_000;

/** How long an idle connection is kept open if the receiver does not say, in ms. */
const KEEP_ALIVE = 4_000;

/**
 * An HTTP agent that connects to nothing the policy forbids: it checks a literal address before it connects, every
 * address of a host name, and the address of the connected socket before a byte is written. If the policy has a proxy, all
 * goes through that one, which then knows the addresses. Connections are used again. What is dispatched must be
 * `GuardedDispatchOptions`.
 */
export function createGuardedAgent(policy: EgressPolicy, { maxWireBytes, onConnect }: GuardedAgentOptions): Agent {
  const names = new NameLookups(policy.resolver ?? createSystemResolver());
  const open = policy.proxy ? throughProxy(policy, names) : directly(policy, names, onConnect);
  const connection = { connector: withTls(policy, open), idle: new IdleConnections(), maxWireBytes };
  return new Agent({
    factory: (origin, poolOptions) =>
      new Pool(origin, { ...poolOptions, factory: (url, given) => new GuardedConnection(url, given, connection) }),
    keepAliveTimeout: KEEP_ALIVE,
    keepAliveMaxTimeout: KEEP_ALIVE_LIMIT,
    // Each request has a deadline of its own, which is shorter than undici's idle timeouts or meant to be longer.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** Makes the connection below TLS, with the guard's checks before a byte is written. */
function directly(
  policy: EgressPolicy,
  names: NameLookups,
  onConnect: GuardedAgentOptions['onConnect'],
): GuardedConnector {
  return (target, ended) =>
    new Promise((resolve, reject) => {
      // Node resolves no name if the host is an address, so the lookup never sees it.
      const refusal = isIP(target.hostname) === 0 ? undefined : refuse(target, target.hostname, policy);
      if (refusal) return reject(refusal);
      const socket = connectTcp(target, guardLookup(names.lookup(ended), policy));
      destroyAtEnd(socket, ended);
      socket.on('error', reject);
      return socket.once('connect', () => {
        const forbidden = socket.remoteAddress === undefined ? closed() : refuse(target, socket.remoteAddress, policy);
        if (forbidden) return socket.destroy(forbidden);
        onConnect(target.host ?? target.hostname, socket.remoteAddress!);
        return resolve(socket);
      });
    });
}

function throughProxy({ proxy, secureContextOf }: EgressPolicy, names: NameLookups): GuardedConnector {
  return async ({ hostname, protocol, port }, ended) => {
    const host = isIPv6(hostname) ? `[${hostname}]` : hostname;
    const socket = await openTunnel(proxy!, `${host}:${portOf(protocol, port)}`, {
      lookup: names.lookup(ended),
      secureContext: secureContextOf(proxy!.hostname),
      ended,
    });
    destroyAtEnd(socket, ended);
    return socket;
  };
}

/** Adds TLS, with the certificates that are meant for the host. */
function withTls({ secureContextOf }: EgressPolicy, open: GuardedConnector): GuardedConnector {
  const connectors = new Map<SecureContext | undefined, buildConnector.connector>();
  const connectorOf = (hostname: string) => {
    const secureContext = secureContextOf(hostname);
    // One for each: the sessions that it keeps are of one certificate. The end of the attempt is the only deadline.
    const connector =
      connectors.get(secureContext) ?? buildConnector({ timeout: 0, ...(secureContext && { secureContext }) });
    connectors.set(secureContext, connector);
    return connector;
  };
  return async (target, ended) => {
    if (ended.aborted) throw abandoned();
    const httpSocket = await open(target, ended);
    if (target.protocol !== 'https:') return httpSocket;
    return new Promise((resolve, reject) => {
      // TLS and the socket below it can both fail.
      httpSocket.on('error', reject);
      connectorOf(target.hostname)({ ...target, httpSocket }, (...[error, socket]) =>
        error ? reject(error) : resolve(socket),
      );
    });
  };
}

function connectTcp({ hostname: host, protocol, port }: buildConnector.Options, lookup: LookupFunction): Socket {
  const socket = connect({ host, port: portOf(protocol, port), lookup });
  // As undici's own connector does it.
  return socket.setKeepAlive(true, 60_000).setNoDelay(true);
}

function portOf(protocol: string, port: string): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

/** Once it is connected this changes nothing: an attempt that fails takes its connection with it. */
function destroyAtEnd(socket: Socket, ended: AbortSignal): void {
  ended.addEventListener('abort', () => socket.destroy(abandoned()), { once: true });
}

/** Nobody is told: the attempt has ended by another error. */
function abandoned(): Error {
  return new Error('The attempt ended before it was connected');
}

/** The other side has closed a socket that has no remote address any more. */
function closed(): NodeJS.ErrnoException {
  return Object.assign(new Error('The connection was closed as soon as it was made'), { code: 'ECONNRESET' });
}

function refuse(
  { host, hostname }: buildConnector.Options,
  address: string,
  policy: EgressPolicy,
): CallbackUrlError | undefined {
  const why = addressIssue(address, policy);
  return why === undefined ? undefined : new CallbackUrlError(why, { host: host ?? hostname });
}
