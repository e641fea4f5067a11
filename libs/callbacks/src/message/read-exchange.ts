import { isJsonObject } from '../expression/json-object.js';
import type { Exchange, ExchangeRequest, ExchangeResponse } from '../expression/exchange.js';

/** What the requests of Express and Fastify have in common, and each has of its own. */
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

/** An exchange given by hand: of plain objects, or of a request as Express and Fastify have it. */
export interface GivenExchange {
  readonly request: ExchangeRequest | IncomingRequest;
  readonly response?: ExchangeResponse;
}

/** Reads an exchange from what an app has at hand. */
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
    path: pathParametersOf(request),
    body,
  };
}

/** Express has the path as a string beside the parameters that were read of it. */
function pathParametersOf(request: GivenExchange['request']): Record<string, unknown> {
  if ('params' in request && isJsonObject(request.params)) return request.params;
  return 'path' in request && isJsonObject(request.path) ? request.path : {};
}

function urlOf(request: GivenExchange['request']): string | undefined {
  const { originalUrl = request.url, protocol = 'http' }: Partial<IncomingRequest> = request;
  const host = request.headers?.['host'];
  return originalUrl?.startsWith('/') && typeof host === 'string' ? `${protocol}://${host}${originalUrl}` : originalUrl;
}
