import { connect, isIP, isIPv6 } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { Agent, buildConnector, Pool } from 'undici';
import { CallbackUrlError } from '../../errors/callback.errors.js';
import type { EgressPolicy } from './egress-options.js';
import { GuardedConnection, IdleConnections } from './guarded-connection.js';
import type { GuardedConnector } from './guarded-connection.js';
import { NameLookups } from './names/name-lookups.js';
import { createSystemResolver } from './names/system-resolver.js';
import { addressIssue } from './ip-address.js';
import { openTunnel } from './proxy-tunnel.js';
import { egressFix } from './check-callback-url.js';

/** The options of the guarded agent. */
export interface GuardedAgentOptions {
  /** The most bytes that one reply may have on the wire: status, headers, body with its framing, trailers. */
  readonly maxWireBytes: number;
  /**
   * Called with the address that was connected for a host, which has its port unless that is the default one. Not
   * called behind a proxy, where the address is unknown.
   */
  readonly onConnect: (host: string, address: string) => void;
}

/** The longest time that a receiver can ask its connection to be kept open, in ms. */
const MAX_KEEP_ALIVE_MS = 30_000;

/** How long an idle connection is kept open if the receiver does not specify it, in ms. */
const KEEP_ALIVE_MS = 4_000;

/**
 * An HTTP agent that enforces the policy. It checks a literal address before it connects, every address of a host name,
 * and the address of the connected socket before a byte is written. If the policy has a proxy, every connection goes
 * through it, and the proxy must check the addresses. Connections are reused. Requests must be dispatched with
 * `GuardedDispatchOptions`.
 */
export function createGuardedAgent(policy: EgressPolicy, { maxWireBytes, onConnect }: GuardedAgentOptions): Agent {
  const names = new NameLookups(policy.resolver ?? createSystemResolver());
  const open = policy.proxy ? throughProxy(policy, names) : directly(policy, names, onConnect);
  const connection = { connector: withTls(policy, open), idle: new IdleConnections(), maxWireBytes };
  return new Agent({
    factory: (origin, poolOptions) =>
      new Pool(origin, { ...poolOptions, factory: (url, given) => new GuardedConnection(url, given, connection) }),
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: MAX_KEEP_ALIVE_MS,
    // Each request has its own deadline, which replaces undici's idle timeouts.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** Makes the connection below TLS. The guard checks it before a byte is written. */
function directly(
  policy: EgressPolicy,
  names: NameLookups,
  onConnect: GuardedAgentOptions['onConnect'],
): GuardedConnector {
  return (target, ended) =>
    new Promise((resolve, reject) => {
      // Node.js does not call the lookup for an address.
      const refusal = isIP(target.hostname) === 0 ? undefined : forbiddenAddress(target, target.hostname, policy);
      if (refusal) return reject(refusal);
      const socket = connectTcp(target, guardLookup(names.lookup(ended), policy));
      destroyAtEnd(socket, ended);
      socket.on('error', reject);
      return socket.once('connect', () => {
        const forbidden =
          socket.remoteAddress === undefined ? closed() : forbiddenAddress(target, socket.remoteAddress, policy);
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

/** Adds TLS, with the certificates for the host. */
function withTls({ secureContextOf }: EgressPolicy, open: GuardedConnector): GuardedConnector {
  const connectors = new Map<SecureContext | undefined, buildConnector.connector>();
  const connectorOf = (hostname: string) => {
    const secureContext = secureContextOf(hostname);
    // One connector for each certificate, because it caches TLS sessions. The end of the attempt is the only deadline.
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
      // TLS and the underlying socket can both fail.
      httpSocket.on('error', reject);
      connectorOf(target.hostname)({ ...target, httpSocket }, (...[error, socket]) =>
        error ? reject(error) : resolve(socket),
      );
    });
  };
}

function connectTcp({ hostname: host, protocol, port }: buildConnector.Options, lookup: LookupFunction): Socket {
  const socket = connect({ host, port: portOf(protocol, port), lookup });
  // The same as in undici's own connector.
  return socket.setKeepAlive(true, 60_000).setNoDelay(true);
}

function portOf(protocol: string, port: string): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

/** This has no effect once it is connected: a failed attempt closes its connection anyway. */
function destroyAtEnd(socket: Socket, ended: AbortSignal): void {
  ended.addEventListener('abort', () => socket.destroy(abandoned()), { once: true });
}

/** Nobody sees this error: the attempt has already ended with another one. */
function abandoned(): Error {
  return new Error('The attempt ended before it was connected');
}

/** A socket without a remote address has been closed by the other side. */
function closed(): NodeJS.ErrnoException {
  return Object.assign(new Error('The connection was closed as soon as it was made'), { code: 'ECONNRESET' });
}

function forbiddenAddress(
  { host, hostname }: buildConnector.Options,
  address: string,
  policy: EgressPolicy,
): CallbackUrlError | undefined {
  const why = addressIssue(address, policy);
  return why === undefined ? undefined : new CallbackUrlError(why, { host: host ?? hostname });
}

/**
 * A lookup that fails if any address of a name is forbidden. A name with both public and private addresses is an attack
 * or a mistake. Using only the public ones would hide it, and later connections would depend on chance.
 */
export function guardLookup(lookup: LookupFunction, policy: EgressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, answer, family) => {
      if (error) return callback(error, '');
      const addresses = typeof answer === 'string' ? [{ address: answer, family: family ?? isIP(answer) }] : answer;
      const [first] = addresses;
      if (first === undefined) return callback(noAddress(hostname), '');
      for (const { address } of addresses) {
        const why = addressIssue(address, policy);
        if (why !== undefined) return callback(forbiddenName(hostname, address, why, policy), '');
      }
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function forbiddenName(host: string, address: string, why: string, policy: EgressPolicy): CallbackUrlError {
  const fix = egressFix(new URL(`https://${host}`), policy, address);
  return new CallbackUrlError(`it resolves to an address that is not allowed, ${why}`, { host, fix });
}

function noAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
}
