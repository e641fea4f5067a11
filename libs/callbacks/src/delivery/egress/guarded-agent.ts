import { connect, isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
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

/** How the guarded agent connects. */
export interface GuardedAgentOptions {
  /** How many bytes of one reply are taken from the wire: status, headers, body with its framing, trailers. */
  readonly maxWireBytes: number;
  /** Resolves host names instead of the policy's resolver. */
  readonly lookup?: LookupFunction | undefined;
  /** The certificate authorities that are trusted instead of Node's own, in PEM. */
  readonly ca?: string | undefined;
  /** Is told the address that a host was connected at; the host has its port unless that is the default one. */
  readonly onConnect?: ((host: string, address: string) => void) | undefined;
}

/** A receiver can ask for its connection to be kept open: for no longer than this, in ms. */
const KEEP_ALIVE_LIMIT = 30_000;

/** How long an idle connection is kept open if the receiver does not say, in ms. */
const KEEP_ALIVE = 4_000;

/**
 * An HTTP agent that connects to nothing the policy forbids: it checks a literal address before it connects, every
 * address of a host name, and the address of the connected socket before a byte is written. It reuses connections,
 * and knows no proxy. What is dispatched has to be `GuardedDispatchOptions`.
 */
export function createGuardedAgent(policy: EgressPolicy, options: GuardedAgentOptions): Agent {
  const connection = {
    connector: guardedConnector(policy, options),
    idle: new IdleConnections(),
    maxWireBytes: options.maxWireBytes,
  };
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

function guardedConnector(policy: EgressPolicy, { lookup, ca, onConnect }: GuardedAgentOptions): GuardedConnector {
  const names = new NameLookups(policy.resolver ?? createSystemResolver());
  // The end of the attempt is the only deadline.
  const connectTls = buildConnector({ timeout: 0, ...(ca === undefined ? {} : { ca }) });
  return (target, ended, callback) => {
    // Node resolves no name where the host is an address, so the lookup never sees it.
    const refusal = isIP(target.hostname) === 0 ? undefined : refuse(target, target.hostname, policy);
    if (refusal ?? ended.aborted) return process.nextTick(callback, refusal ?? abandoned(), null);
    const isTls = target.protocol === 'https:';
    const tcp = connectTcp(target, guardLookup(lookup ?? names.lookup(ended), policy));
    const abandon = () => tcp.destroy(abandoned());
    ended.addEventListener('abort', abandon);
    let isSettled = false;
    const settle: buildConnector.Callback = (...outcome) => {
      // TLS and the socket below it can both fail.
      if (isSettled) return;
      isSettled = true;
      ended.removeEventListener('abort', abandon);
      callback(...outcome);
    };
    tcp.on('error', (error) => settle(error, null));
    tcp.once('connect', () => {
      const forbidden = tcp.remoteAddress === undefined ? closed() : refuse(target, tcp.remoteAddress, policy);
      if (forbidden) return tcp.destroy(forbidden);
      onConnect?.(target.host ?? target.hostname, tcp.remoteAddress!);
      return isTls ? connectTls({ ...target, httpSocket: tcp }, settle) : settle(null, tcp);
    });
  };
}

function connectTcp({ hostname: host, protocol, port }: buildConnector.Options, lookup: LookupFunction): Socket {
  const socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80), lookup });
  // As undici's own connector does it.
  return socket.setKeepAlive(true, 60_000).setNoDelay(true);
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
  { allow }: EgressPolicy,
): CallbackUrlError | undefined {
  const why = addressIssue(address, allow);
  return why === undefined ? undefined : new CallbackUrlError(why, { host: host ?? hostname });
}
