import { setImmediate } from 'node:timers/promises';
import type { Agent } from 'undici';
import { checkCallbackUrl } from '../egress/check-callback-url.js';
import type { EgressPolicy } from '../egress/egress-policy.js';
import { decodeReply } from './decode-reply.js';
import { deliveryError, exchangeError } from './delivery-failure.js';
import type { TransportReply } from './transport.js';
import { USER_AGENT } from './user-agent.js';
import { exchangeOnWire } from './wire-exchange.js';
import type { AbortListenable, AttemptLimits } from './wire-exchange.js';

/** What an HTTP client hands to its adapter, after its interceptors have run. */
export interface AdapterRequest {
  readonly method: string;
  /** The absolute URL, with its parameters. */
  readonly url: string;
  readonly headers: Record<string, string | string[]>;
  readonly body: unknown;
  readonly signal?: AbortListenable | undefined;
}

/** Sends what an HTTP client hands over. Every limit is enforced here, whatever the client was told. */
export type UndiciAdapter = (request: AdapterRequest) => Promise<TransportReply>;

/**
 * Makes the adapter that sends through a guarded agent.
 *
 * @returns a function that throws CallbackUrlError and CallbackDeliveryError, and nothing else.
 */
export function createUndiciAdapter(agent: Agent, policy: EgressPolicy, limits: AttemptLimits): UndiciAdapter {
  return async (request) => {
    const { method, signal, body = null } = request;
    const headers = withUserAgent(request.headers);
    const url = checkCallbackUrl(request.url, policy);
    if (!isBytes(body)) {
      throw deliveryError(request, 'its body is neither a string nor bytes', { reason: 'request' });
    }
    try {
      const reply = await exchangeOnWire(agent, { method, url, headers, body, signal }, limits);
      // undici frees the connection in the next turn of the event loop: who sends again at once would open another.
      await setImmediate();
      const { statusCode, headers: fields } = reply;
      return { statusCode, headers: fields, ...(await decodeReply(reply, limits.maxReplyBytes)) };
    } catch (error) {
      throw exchangeError(request, error);
    }
  };
}

/** Common firewall rules answer 403 to what has none. */
function withUserAgent(headers: AdapterRequest['headers']): AdapterRequest['headers'] {
  const hasOne = Object.keys(headers).some((name) => name.toLowerCase() === 'user-agent');
  return hasOne ? headers : { ...headers, 'user-agent': USER_AGENT };
}

function isBytes(body: unknown): body is string | Uint8Array | null {
  return body === null || typeof body === 'string' || body instanceof Uint8Array;
}
