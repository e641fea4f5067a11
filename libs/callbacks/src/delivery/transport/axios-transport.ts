import axios from 'axios';
import type { AxiosAdapter, AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import type { HttpReply, HttpRequest } from '../../message/http-message.js';
import type { AxiosLike } from './axios-instance.js';
import { cleanCause, deliveryError, replyExcerpt } from './delivery-failure.js';
import { DELIVERY_KEY, DeliveryOfConfig } from './axios-instance.js';
import type { AttemptOptions, Transport } from './transport.js';

/** Options that keep axios from changing the bytes, checking the status or using another way to send. */
const FIXED = {
  responseType: 'text',
  transformResponse: [],
  validateStatus: () => true,
  maxRedirects: 0,
  proxy: false,
  // With `false`, the URL of the receiver would be appended to the base URL of the instance.
  allowAbsoluteUrls: true,
} as const satisfies AxiosRequestConfig;

/**
 * An instance without `axios.defaults`. An app may set an authorization or a base URL there for its own calls, which
 * receivers must not get.
 */
const WITHOUT_DEFAULTS = new axios.Axios({});

/** The outcome of the last request on the wire. An interceptor can send a request more than once. */
type Outcome = { readonly reply: HttpReply } | { readonly error: unknown };

/** Sends through the app's own axios instance. Its defaults and interceptors apply, within the limits. */
export function throughAxios(instance: AxiosLike, transport: Transport): Transport {
  return { ...transport, send: (request, options = {}) => send(instance, transport, request, options) };
}

/**
 * The outcome is the reply on the wire. A response interceptor that unwraps the body or hides an error does not change
 * it. An interceptor that throws makes the delivery fail.
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
      // An interceptor may have set its own signal, so check this one too.
      if (options.signal?.aborted) throw deliveryError(request, 'it was aborted', { reason: 'request' });
      const reply = await transport.send(requestFromConfig(config), {
        ...options,
        signal: config.signal ?? options.signal,
      });
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
  // It was not sent, or not by this adapter, so the outcome is unknown.
  if (outcome === undefined) throw sentElsewhere(request);
  if ('error' in outcome) throw outcome.error;
  return outcome.reply;
}

function configOf(
  { method, url, headers, body }: HttpRequest,
  { delivery }: AttemptOptions,
  adapter: AxiosAdapter,
): AxiosRequestConfig {
  // axios sets the content type of form data if there is none. `false` prevents it.
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    ...FIXED,
    ...(delivery && { [DELIVERY_KEY]: new DeliveryOfConfig(delivery) }),
    method,
    url,
    headers: hasType ? { ...headers } : { ...headers, 'Content-Type': false },
    data: body,
    adapter,
    // Runs after every interceptor, which might have set another adapter that bypasses the egress guard.
    transformRequest(this: InternalAxiosRequestConfig, data: unknown) {
      this.adapter = adapter;
      return data;
    },
  };
}

/** Returns the request after all interceptors, with the parameters and the base URL that they or the instance set. */
function requestFromConfig(config: InternalAxiosRequestConfig): HttpRequest {
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
  // AxiosHeaders converts every value to a string or an array of strings, and leaves out unset ones.
  const headers = config.headers.toJSON() as Record<string, string | string[]>;
  return { ...target, headers, ...(data !== undefined && { body: data }) };
}

/** Returns the error on the wire, if there is one. Otherwise an interceptor threw, before or after the reply. */
function failureOf(request: HttpRequest, error: unknown, outcome: Outcome | undefined, adapter: AxiosAdapter): unknown {
  if (outcome && 'error' in outcome) return outcome.error;
  const cause = cleanCause(error);
  if (!outcome) {
    if (axios.isAxiosError(error) && (error.config?.adapter ?? adapter) !== adapter)
      return sentElsewhere(request, cause);
    return deliveryError(request, 'an axios interceptor threw an error', { reason: 'request', cause });
  }
  const { statusCode, body } = outcome.reply;
  const what = `the receiver replied ${statusCode}, and an axios interceptor threw an error`;
  return deliveryError(request, what, { reason: 'request', statusCode, replyExcerpt: replyExcerpt(body), cause });
}

function sentElsewhere(request: HttpRequest, cause?: Error): Error {
  const what =
    'an axios interceptor answered it, or replaced `adapter` and `transformRequest`, and bypassed the egress guard and all limits. Fix: do not change these two in the config of a callback';
  return deliveryError(request, what, { reason: 'request', cause });
}
