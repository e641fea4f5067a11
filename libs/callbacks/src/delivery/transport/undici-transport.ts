import { setImmediate } from 'node:timers/promises';
import type { HttpRequest } from '../../message/http-message.js';
import { checkCallbackUrl } from '../egress/check-callback-url.js';
import type { EgressPolicy } from '../egress/egress-policy.js';
import { createGuardedAgent } from '../egress/guarded-agent.js';
import { decodeReply } from './decode-reply.js';
import { exchangeError } from './delivery-failure.js';
import { RecentAddresses } from './recent-addresses.js';
import { DEFAULT_TIMEOUT } from './transport.js';
import type { Transport } from './transport.js';
import { USER_AGENT } from './user-agent.js';
import { exchangeOnWire } from './wire-exchange.js';

/** The options of `createTransport()`. */
export interface TransportOptions {
  /** What may be connected to. */
  readonly policy: EgressPolicy;
  /**
   * How long one attempt may take, from the beginning of the connection to the last byte of the reply, in ms.
   *
   * @default 15_000
   */
  readonly timeout?: number | undefined;
  /**
   * How many bytes of a reply are read, decompressed.
   *
   * @default 65_536
   */
  readonly maxReplyBytes?: number | undefined;
}

/** Chunks have their framing, and compressed bytes can be more than they stand for. The rest is for headers and trailers. */
function maxWireBytes(maxReplyBytes: number): number {
  return 2 * maxReplyBytes + 65_536;
}

/** Makes a transport on undici. Every limit is enforced here, whatever sends through it. */
export function createTransport({
  policy,
  timeout: usualTimeout = DEFAULT_TIMEOUT,
  maxReplyBytes = 65_536,
}: TransportOptions): Transport {
  const addresses = new RecentAddresses();
  const agent = createGuardedAgent(policy, {
    maxWireBytes: maxWireBytes(maxReplyBytes),
    onConnect: (host, address) => addresses.note(host, address),
  });
  let closing: Promise<void> | undefined;
  return {
    async send(request, { signal, timeout = usualTimeout } = {}) {
      const url = checkCallbackUrl(request.url, policy);
      const headers = withUserAgent(request.headers);
      try {
        const reply = await exchangeOnWire(agent, url, { ...request, headers }, { timeout, maxReplyBytes, signal });
        // undici frees the connection in the next turn of the event loop: who sends again at once would open another.
        await setImmediate();
        return { ...reply, ...(await decodeReply(reply, maxReplyBytes)) };
      } catch (error) {
        throw exchangeError(request, error);
      }
    },
    addressOf: (host) => addresses.of(host),
    close: () => (closing ??= agent.close()),
  };
}

/** Common firewall rules answer 403 to what has none. */
function withUserAgent(headers: HttpRequest['headers']): HttpRequest['headers'] {
  const hasOne = Object.keys(headers).some((name) => name.toLowerCase() === 'user-agent');
  return hasOne ? headers : { ...headers, 'user-agent': USER_AGENT };
}
