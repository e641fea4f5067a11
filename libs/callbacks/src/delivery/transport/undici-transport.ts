import { setImmediate } from 'node:timers/promises';
import type { HttpRequest } from '../../message/http-message.js';
import { checkCallbackUrl } from '../egress/check-callback-url.js';
import type { EgressPolicy } from '../egress/egress-options.js';
import { createGuardedAgent } from '../egress/guarded-agent.js';
import { decodeReply } from './decode-reply.js';
import { exchangeError } from './delivery-failure.js';
import { DEFAULT_TIMEOUT_MS } from './transport.js';
import type { Transport } from './transport.js';
import { exchangeOnWire } from './wire-exchange.js';

/** The default `User-Agent`, with the version of the package. */
export const USER_AGENT = 'nestjs-callbacks/0.1.0';

/** The options of `createTransport()`. */
export interface TransportOptions {
  /** The rules of the egress guard. */
  readonly policy: EgressPolicy;
  /**
   * How long one attempt may take, from the name lookup to the last byte of the reply, in ms.
   *
   * @default 15_000
   */
  readonly timeout?: number | undefined;
  /**
   * The most bytes of a reply that are read, after decompression.
   *
   * @default 65_536
   */
  readonly maxReplyBytes?: number | undefined;
}

/** Chunks have a framing, and compressed data can be larger than the original. The rest is for headers and trailers. */
function maxWireBytes(maxReplyBytes: number): number {
  return 2 * maxReplyBytes + 65_536;
}

/** Creates a transport on undici. It enforces every limit, also for requests through axios. */
export function createTransport({
  policy,
  timeout: usualTimeout = DEFAULT_TIMEOUT_MS,
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
        // undici releases the connection in the next turn of the event loop. Without the wait, the next request would
        // open another one.
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

/** Common firewall rules reject requests without a user agent. */
function withUserAgent(headers: HttpRequest['headers']): HttpRequest['headers'] {
  const hasOne = Object.keys(headers).some((name) => name.toLowerCase() === 'user-agent');
  return hasOne ? headers : { ...headers, 'user-agent': USER_AGENT };
}

/** The most hosts that are remembered. */
const MAX_HOSTS = 10_000;

/** The last connected address of each host. */
class RecentAddresses {
  readonly #addresses = new Map<string, string>();

  note(host: string, address: string): void {
    // The most recent host is last, and is forgotten last.
    this.#addresses.delete(host);
    this.#addresses.set(host, address);
    if (this.#addresses.size <= MAX_HOSTS) return;
    const [oldest] = this.#addresses.keys();
    this.#addresses.delete(oldest!);
  }

  of(host: string): string | undefined {
    return this.#addresses.get(host);
  }
}
