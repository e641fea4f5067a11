import type { Exchange, ExchangeRequest, ExchangeResponse } from '../expression/exchange.js';

/** What Express and Fastify requests have in common, and each has of its own. */
interface HttpRequest extends Omit<ExchangeRequest, 'path'> {
  readonly originalUrl?: string;
  readonly protocol?: string;
  readonly params?: unknown;
  readonly path?: unknown;
}

/** An exchange given by hand: of plain objects, or of a request as Express and Fastify have it. */
export interface GivenExchange {
  readonly request: ExchangeRequest | object;
  readonly response?: ExchangeResponse;
}

/** Reads an exchange from what an app has at hand. */
export function readExchange({ request, response }: GivenExchange): Exchange {
  return { request: readRequest(request), ...(response ? { response } : {}) };
}

function readRequest(request: HttpRequest): ExchangeRequest {
  const { method, headers = {}, query = {}, body } = request;
  const path = isRecord(request.params) ? request.params : isRecord(request.path) ? request.path : {};
  return { ...(method === undefined ? {} : { method }), ...urlOf(request), headers, query, path, body };
}

function urlOf({ url, originalUrl, protocol, headers }: HttpRequest): { url?: string } {
  const target = originalUrl ?? url;
  const host = headers?.['host'];
  const isRelative = target?.startsWith('/') && typeof host === 'string';
  return target === undefined ? {} : { url: isRelative ? `${protocol ?? 'http'}://${host}${target}` : target };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
