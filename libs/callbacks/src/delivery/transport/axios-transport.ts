import type { LookupFunction } from 'node:net';
import axios from 'axios';
import type { AxiosAdapter, AxiosInstance, AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import type { EgressOptions } from '../egress/egress-options.js';
import { createEgressPolicy } from '../egress/egress-policy.js';
import { createGuardedAgent } from '../egress/guarded-agent.js';
import { cleanCause } from './clean-cause.js';
import { deliveryError } from './delivery-failure.js';
import { RecentAddresses } from './recent-addresses.js';
import { replyExcerpt } from './reply-excerpt.js';
import { DEFAULT_TIMEOUT } from './transport.js';
import type { Transport, TransportReply, TransportRequest } from './transport.js';
import { createUndiciAdapter } from './undici-adapter.js';
import type { AdapterRequest, UndiciAdapter } from './undici-adapter.js';

/** The options of `createTransport()`. */
export interface TransportOptions {
  /** The app's own axios instance: its defaults hold and its interceptors run, within the limits. */
  readonly axios?: AxiosInstance | undefined;
  /** What may be connected to. */
  readonly egress?: EgressOptions | undefined;
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
  /** Resolves host names instead of `egress.resolver`, in tests. */
  readonly lookup?: LookupFunction | undefined;
  /** The certificate authorities that are trusted instead of Node's own, in PEM. */
  readonly ca?: string | undefined;
}

/** What would change the bytes, judge the status or leave the way, where another adapter came in. */
const FIXED = {
  responseType: 'text',
  transformResponse: [],
  validateStatus: () => true,
  maxRedirects: 0,
  proxy: false,
  // With `false` the URL of the receiver would be appended to the base URL of the instance, and the app's own API be called.
  allowAbsoluteUrls: true,
} as const satisfies AxiosRequestConfig;

/**
 * An instance that knows nothing of `axios.defaults`: what an app sets there for its own calls, an authorization or a
 * base URL, is not meant for strangers.
 */
const WITHOUT_DEFAULTS = new axios.Axios({});

/** Chunks have their framing, and compressed bytes can be more than they stand for. The rest is for headers and trailers. */
function maxWireBytes(maxReplyBytes: number): number {
  return 2 * maxReplyBytes + 65_536;
}

/** The last that became of a request on the wire; an interceptor can send it more than once. */
type Outcome = { readonly reply: TransportReply } | { readonly error: unknown };

/**
 * Makes a transport on axios, over undici.
 *
 * @throws TypeError where an option is wrong, naming it.
 */
export function createTransport(options: TransportOptions = {}): Transport {
  const { timeout = DEFAULT_TIMEOUT, maxReplyBytes = 65_536, lookup, ca } = options;
  const policy = createEgressPolicy(options.egress);
  const addresses = new RecentAddresses();
  const agent = createGuardedAgent(policy, {
    maxWireBytes: maxWireBytes(maxReplyBytes),
    lookup,
    ca,
    onConnect: (host, address) => addresses.note(host, address),
  });
  const adapter = createUndiciAdapter(agent, policy, { timeout, maxReplyBytes });
  const { axios: instance } = options;
  let closing: Promise<void> | undefined;
  return {
    // Without an instance of the app there are no defaults and no interceptors to hear: axios would add its cost only.
    send: (request) =>
      instance ? sendThrough(instance, adapter, request) : adapter({ ...request, body: request.body }),
    addressOf: (host) => addresses.of(host),
    close: () => (closing ??= agent.close()),
  };
}

/**
 * Sends through the instance. What came over the wire is the outcome, whatever response interceptors made of it: one
 * that unwraps the body, or hides an error, changes nothing. One that throws makes the delivery fail.
 */
async function sendThrough(
  instance: Pick<AxiosInstance, 'request'>,
  exchange: UndiciAdapter,
  request: TransportRequest,
): Promise<TransportReply> {
  let outcome: Outcome | undefined;
  const adapter: AxiosAdapter = async (config) => {
    try {
      // Where an interceptor has set a signal of its own, this one counts too.
      if (request.signal?.aborted) throw deliveryError(request, 'it was given up', { reason: 'request' });
      const reply = await exchange({ signal: request.signal, ...adapterRequest(config) });
      outcome = { reply };
      return { status: reply.statusCode, statusText: '', headers: { ...reply.headers }, data: reply.body, config };
    } catch (error) {
      outcome = { error };
      throw error;
    }
  };
  try {
    await instance.request(requestConfig(request, adapter));
  } catch (error) {
    throw interceptorError(request, error, outcome);
  }
  return replyOf(request, outcome);
}

function requestConfig({ method, url, headers, body }: TransportRequest, adapter: AxiosAdapter): AxiosRequestConfig {
  // axios calls a body form data where nothing is said; `false` keeps it from saying anything.
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    ...FIXED,
    method,
    url,
    headers: hasType ? { ...headers } : { ...headers, 'Content-Type': false },
    data: body,
    adapter,
    // Runs after every interceptor: one that named another adapter would lead around the egress guard.
    transformRequest(this: InternalAxiosRequestConfig, data: unknown) {
      this.adapter = adapter;
      return data;
    },
  };
}

/** The request that the interceptors leave, with the parameters and the base URL that they, or the instance, set. */
function adapterRequest(config: InternalAxiosRequestConfig): AdapterRequest {
  const { method = 'get', url = '', params, baseURL, data, signal } = config;
  const body: unknown = data;
  return {
    method: method.toUpperCase(),
    url:
      params === undefined && baseURL === undefined
        ? url
        : WITHOUT_DEFAULTS.getUri({ ...config, allowAbsoluteUrls: true }),
    // AxiosHeaders makes text, or a list of texts, of every value, and leaves out what is unset.
    headers: config.headers.toJSON() as Record<string, string | string[]>,
    body,
    ...(signal === undefined ? {} : { signal }),
  };
}

function replyOf(request: TransportRequest, outcome: Outcome | undefined): TransportReply {
  if (outcome === undefined) {
    throw deliveryError(request, 'an interceptor of axios kept it from being sent', { reason: 'request' });
  }
  if ('error' in outcome) throw outcome.error;
  return outcome.reply;
}

/** The error of the wire where there is one; else an interceptor threw, before or after the reply. */
function interceptorError(request: TransportRequest, error: unknown, outcome: Outcome | undefined): unknown {
  if (outcome && 'error' in outcome) return outcome.error;
  const cause = cleanCause(error);
  if (!outcome) return deliveryError(request, 'an interceptor of axios threw an error', { reason: 'request', cause });
  const { statusCode, body } = outcome.reply;
  const what = `the receiver replied ${statusCode}, and an interceptor of axios threw an error`;
  return deliveryError(request, what, { reason: 'request', statusCode, replyExcerpt: replyExcerpt(body), cause });
}
