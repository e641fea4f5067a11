import { isJsonObject } from '../expression/json.js';
import type { Exchange, ExchangeRequest, ExchangeResponse } from '../expression/exchange.js';
import type { CallbackOperation } from '../contract/callback-contract.js';
import { CallbackUrlError } from '../errors/callback.errors.js';
import type { CallbackUrlErrorDetails } from '../errors/callback.errors.js';
import { printRuntimeExpression } from '../expression/runtime-expression.js';
import type { RuntimeExpression } from '../expression/runtime-expression.js';
import { resolveCallbackUrl } from '../expression/resolve-callback-url.js';

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

/**
 * Returns the callback URLs of an exchange, by handler. A callback has no URL if the client did not ask for it, or if
 * its URL needs a response that is not available yet.
 *
 * @param normalize - returns a URL as it is sent, or throws CallbackUrlError if it may not be called.
 * @throws CallbackUrlError that names the unusable value.
 */
export function callbackUrlsOf(
  operations: readonly CallbackOperation[],
  exchange: Exchange,
  normalize: (url: string) => string,
): Record<string, string> {
  const urls: Record<string, string> = {};
  for (const { methodName, url } of operations) {
    const resolved = resolveCallbackUrl(url, exchange);
    if ('url' in resolved) {
      urls[methodName] = normalizeNaming(url.parts[0], resolved.url, normalize);
    } else if ('unusable' in resolved) {
      throw urlErrorOf(resolved.unusable, ` ${resolved.reason}`);
    } else if (!resolved.begins && !(isOfResponse(resolved.missing) && exchange.response === undefined)) {
      throw urlErrorOf(resolved.missing, ' has no value');
    }
  }
  return urls;
}

function normalizeNaming(
  base: string | RuntimeExpression | undefined,
  url: string,
  normalize: (url: string) => string,
): string {
  try {
    return normalize(url);
  } catch (error) {
    if (!(error instanceof CallbackUrlError) || base === undefined || typeof base === 'string') throw error;
    const { reason, detail, host, fix } = error;
    throw urlErrorOf(base, `: ${reason}`, {
      ...(host === undefined ? {} : { host }),
      ...(detail === undefined ? {} : { detail: `${describeInput(base)}: ${detail}` }),
      ...(fix === undefined ? {} : { fix }),
    });
  }
}

function urlErrorOf(
  expression: RuntimeExpression,
  what: string,
  details: CallbackUrlErrorDetails = {},
): CallbackUrlError {
  const reason = `${describeInput(expression)}${what}`;
  return new CallbackUrlError(reason, { ...details, expression: printRuntimeExpression(expression) });
}

function isOfResponse(expression: RuntimeExpression): boolean {
  return expression.source === 'statusCode' || ('message' in expression && expression.message === 'response');
}

/** Describes what an expression names: `the query parameter callback_url`. */
function describeInput(expression: RuntimeExpression): string {
  switch (expression.source) {
    case 'header':
      return `the ${expression.message} header ${expression.name}`;
    case 'query':
    case 'path':
      return `the ${expression.source} parameter ${expression.name}`;
    case 'body': {
      const body = `the ${expression.message} body`;
      return expression.pointer?.length ? `${expression.pointer.join('.')} of ${body}` : body;
    }
    default:
      return `the ${expression.source} of the request`;
  }
}
