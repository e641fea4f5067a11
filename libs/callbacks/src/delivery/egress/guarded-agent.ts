import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { CallbackUrlError } from '../../contract/callback-url.error.js';
import type { EgressPolicy } from './egress-policy.js';
import { guardLookup } from './guarded-lookup.js';
import { whyAddressIsBlocked } from './why-address-is-blocked.js';

/** How the guarded agent connects. */
export interface GuardedAgentOptions {
  /** How long a connection may take to be made, in ms. */
  readonly connectTimeout: number;
  /** Resolves host names, by default as the operating system does. */
  readonly lookup?: LookupFunction | undefined;
  /** The certificate authorities that are trusted instead of Node's own, in PEM. */
  readonly ca?: string | undefined;
}

/** A receiver can ask for its connection to be kept open: for no longer than this, in ms. */
const KEEP_ALIVE_LIMIT = 30_000;

/**
 * An HTTP agent that connects to nothing the policy forbids: it checks a literal address before it connects, every
 * address of a host name, and the address of the connected socket before a byte is written. It reuses connections
 * and knows no proxy.
 */
export function createGuardedAgent(policy: EgressPolicy, options: GuardedAgentOptions): Agent {
  return new Agent({
    connect: guardedConnector(policy, options),
    keepAliveMaxTimeout: KEEP_ALIVE_LIMIT,
    // Each request has a deadline of its own, which is shorter than undici's idle timeouts or meant to be longer.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function guardedConnector(
  policy: EgressPolicy,
  { connectTimeout: timeout, lookup = systemLookup, ca }: GuardedAgentOptions,
): buildConnector.connector {
  const connectTcp = buildConnector({ timeout, lookup: guardLookup(lookup, policy) });
  const connectTls = buildConnector({ timeout, ...(ca === undefined ? {} : { ca }) });
  return (target, callback) => {
    // Node resolves no name where the host is an address, so the lookup never sees it.
    const refusal = isIP(target.hostname) === 0 ? undefined : refuse(target, target.hostname, policy);
    if (refusal) return process.nextTick(callback, refusal, null);
    const isTls = target.protocol === 'https:';
    const port = target.port || (isTls ? '443' : '80');
    connectTcp({ ...target, protocol: 'http:', port }, (error, socket) => {
      if (error) return callback(error, null);
      const forbidden = socket.remoteAddress === undefined ? closed() : refuse(target, socket.remoteAddress, policy);
      if (forbidden) {
        socket.destroy();
        return callback(forbidden, null);
      }
      if (!isTls) return callback(null, socket);
      return connectTls({ ...target, httpSocket: socket }, callback);
    });
  };
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
  const why = whyAddressIsBlocked(address, allow);
  return why === undefined ? undefined : new CallbackUrlError(why, { host: host ?? hostname });
}
