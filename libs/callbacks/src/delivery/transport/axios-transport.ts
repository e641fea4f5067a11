import axios from 'axios';
import type { AxiosAdapter, AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import type { HttpReply, HttpRequest } from '../../message/http-message.js';
import type { AxiosLike } from './axios-issue.js';
import { cleanCause } from './clean-cause.js';
import { deliveryError } from './delivery-failure.js';
import { DELIVERY_KEY, DeliveryOfConfig } from './delivery-of.js';
import { replyExcerpt } from './reply-excerpt.js';
import type { AttemptOptions, Transport } from './transport.js';

/** What would change the bytes, judge the status or leave the way, if another adapter came in. */
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

/** The last that became of a request on the wire; an interceptor can send it more than once. */
type Outcome = { readonly reply: HttpReply } | { readonly error: unknown };

/** Sends through the app's own instance of axios: its defaults hold and its interceptors run, within the limits. */
export function throughAxios(instance: AxiosLike, transport: Transport): Transport {
  return { ...transport, send: (request, options = {}) => send(instance, transport, request, options) };
}

/**
 * What came over the wire is the outcome, whatever response interceptors made of it: one that unwraps the body, or hides
 * an error, changes nothing. One that throws makes the delivery fail.
 */
async function send(
  instance: AxiosLike,
  transport: Transport,
  request: HttpRequest,
  options: AttemptOptions,
): Promise<HttpReply> {
  let outcome: Outcome | undefined;
  const adapter: AxiosAdapter = async (config) => {
    try {
      // If an interceptor has set a signal of its own, this one counts too.
      if (options.signal?.aborted) throw deliveryError(request, 'it was given up', { reason: 'request' });
      const reply = await transport.send(requestOf(config), { ...options, signal: config.signal ?? options.signal });
      outcome = { reply };
      return { status: reply.statusCode, statusText: '', headers: { ...reply.headers }, data: reply.body, config };
    } catch (error) {
      outcome = { error };
      throw error;
    }
  };
  try {
    await instance.request(configOf(request, options, adapter));
  } catch (error) {
    throw failureOf(request, error, outcome, adapter);
  }
  // Not sent, or not by us: what came of it is not known.
  if (outcome === undefined) throw sentElsewhere(request);
  if ('error' in outcome) throw outcome.error;
  return outcome.reply;
}

function configOf(
  { method, url, headers, body }: HttpRequest,
  { delivery }: AttemptOptions,
  adapter: AxiosAdapter,
): AxiosRequestConfig {
  // axios calls a body form data if nothing is said; `false` keeps it from saying anything.
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    ...FIXED,
    ...(delivery && { [DELIVERY_KEY]: new DeliveryOfConfig(delivery) }),
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
function requestOf(config: InternalAxiosRequestConfig): HttpRequest {
  const { method = 'get', url = '', params, baseURL } = config;
  const data: unknown = config.data ?? undefined;
  const target = {
    method: method.toUpperCase(),
    url:
      params === undefined && baseURL === undefined
        ? url
        : WITHOUT_DEFAULTS.getUri({ ...config, allowAbsoluteUrls: true }),
  };
  if (data !== undefined && typeof data !== 'string' && !(data instanceof Uint8Array)) {
    throw deliveryError(target, 'its body is neither a string nor bytes', { reason: 'request' });
  }
  // AxiosHeaders makes a string, or a list of strings, of every value, and leaves out what is unset.
  const headers = config.headers.toJSON() as Record<string, string | string[]>;
  return { ...target, headers, ...(data !== undefined && { body: data }) };
}

/** The error of the wire if there is one; else an interceptor threw, before or after the reply. */
function failureOf(request: HttpRequest, error: unknown, outcome: Outcome | undefined, adapter: AxiosAdapter): unknown {
  if (outcome && 'error' in outcome) return outcome.error;
  const cause = cleanCause(error);
  if (!outcome) {
    if (axios.isAxiosError(error) && (error.config?.adapter ?? adapter) !== adapter)
      return sentElsewhere(request, cause);
    return deliveryError(request, 'an interceptor of axios threw an error', { reason: 'request', cause });
  }
  const { statusCode, body } = outcome.reply;
  const what = `the receiver replied ${statusCode}, and an interceptor of axios threw an error`;
  return deliveryError(request, what, { reason: 'request', statusCode, replyExcerpt: replyExcerpt(body), cause });
}

function sentElsewhere(request: HttpRequest, cause?: Error): Error {
  const what =
    'an interceptor of axios answered it, or replaced `adapter` and `transformRequest`, and no egress guard and no limit held for it. Fix: leave both as they are in the config of a callback';
  return deliveryError(request, what, { reason: 'request', cause });
}
