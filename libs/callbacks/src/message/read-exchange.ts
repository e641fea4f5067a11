import { isJsonObject } from '../expression/json.js';
import type { Exchange, ExchangeRequest, ExchangeResponse } from '../expression/exchange.js';

/** The members of requests of Express and Fastify that are read. */
export interface IncomingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly query?: unknown;
  readonly params?: unknown;
  readonly body?: unknown;
  readonly originalUrl?: string;
  readonly protocol?: string;
}

/** An exchange from the app: plain objects, or a request of Express or Fastify. */
export interface GivenExchange {
  readonly request: ExchangeRequest | IncomingRequest;
  readonly response?: ExchangeResponse;
}

/** Converts what an app passes to an exchange. */
export function readExchange({ request, response }: GivenExchange): Exchange {
  return { request: readRequest(request), ...(response ? { response } : {}) };
}

function readRequest(request: GivenExchange['request']): ExchangeRequest {
  const { method, headers = {}, body } = request;
  const url = urlOf(request);
  return {
    ...(method === undefined ? {} : { method }),
    ...(url === undefined ? {} : { url }),
    headers,
    query: isJsonObject(request.query) ? request.query : {},
    path: pathValuesOf(request),
    body,
  };
}

/** In Express, `path` is a string and `params` has the parameters. */
function pathValuesOf(request: GivenExchange['request']): Record<string, unknown> {
  if ('params' in request && isJsonObject(request.params)) return request.params;
  return 'path' in request && isJsonObject(request.path) ? request.path : {};
}

function urlOf(request: GivenExchange['request']): string | undefined {
  const { originalUrl = request.url, protocol = 'http' }: Partial<IncomingRequest> = request;
  const host = request.headers?.['host'];
  return originalUrl?.startsWith('/') && typeof host === 'string' ? `${protocol}://${host}${originalUrl}` : originalUrl;
}
