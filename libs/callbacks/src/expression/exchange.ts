import { isObject, valueAtPointer } from './json.js';
import type { RuntimeExpression } from './runtime-expression.js';

/** The request that your API received, as expressions read it. */
export interface ExchangeRequest {
  /** The HTTP method, such as `POST`. */
  readonly method?: string;
  /** The whole URL of the request, as the client wrote it: absolute if the host is known. */
  readonly url?: string;
  /** Header fields; the case of names does not matter. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Query parameters, decoded. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** Path parameters, decoded. */
  readonly path?: Readonly<Record<string, unknown>>;
  /** The body, parsed. */
  readonly body?: unknown;
}

/** The response that your API gave, as expressions read it. */
export interface ExchangeResponse {
  /** The HTTP status code. */
  readonly statusCode?: number;
  /** Header fields; the case of names does not matter. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** The body, before it is serialised. */
  readonly body?: unknown;
}

/** One request to your API and, if it is already known, its response. Runtime expressions read their values from it. */
export interface Exchange {
  readonly request: ExchangeRequest;
  readonly response?: ExchangeResponse;
}

/**
 * Returns the value of an expression in an exchange as a string. A missing value, `null`, an object and an array give
 * `undefined`.
 */
export function evaluateRuntimeExpression(expression: RuntimeExpression, exchange: Exchange): string | undefined {
  return scalarText(readValue(expression, exchange));
}

/**
 * Returns why something that was given for an expression is not a value, as the end of a sentence. Without this check,
 * a client that gives two URLs would wait for a callback that never arrives.
 */
export function valueIssue(expression: RuntimeExpression, exchange: Exchange): string | undefined {
  const value = readValue(expression, exchange);
  if (Array.isArray(value)) return 'must be one value, but is an array';
  if (isObject(value)) return 'must be one value, but is an object';
  return isBracketed(expression, exchange) ? 'must be one value, but its name is followed by brackets' : undefined;
}

/**
 * Whether it is given as `name[]`, `name[0]` or `name[a]`. Simple parsers of queries and forms treat these as other
 * names.
 */
function isBracketed(expression: RuntimeExpression, { request, response }: Exchange): boolean {
  if (expression.source === 'query') return hasBracketed(request.query, expression.name);
  if (expression.source !== 'body') return false;
  const { message, pointer = [] } = expression;
  const name = pointer.at(-1);
  const body = message === 'request' ? request.body : response?.body;
  return name !== undefined && hasBracketed(valueAtPointer(body, pointer.slice(0, -1)), name);
}

function hasBracketed(values: unknown, name: string): boolean {
  return isObject(values) && Object.keys(values).some((key) => key.startsWith(`${name}[`));
}

function readValue(expression: RuntimeExpression, { request, response }: Exchange): unknown {
  switch (expression.source) {
    case 'url':
      return request.url;
    case 'method':
      return request.method;
    case 'statusCode':
      return response?.statusCode;
    case 'header':
      return header(expression.message === 'request' ? request : response, expression.name);
    case 'query':
    case 'path':
      // The grammar allows them on a response too, but a response has neither.
      return expression.message === 'request' ? ownValue(request[expression.source], expression.name) : undefined;
    case 'body': {
      const message = expression.message === 'request' ? request : response;
      return valueAtPointer(message?.body, expression.pointer ?? []);
    }
  }
}

function ownValue(values: Readonly<Record<string, unknown>> | undefined, name: string): unknown {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

function header(message: ExchangeRequest | ExchangeResponse | undefined, name: string): unknown {
  const lowerCase = name.toLowerCase();
  return Object.entries(message?.headers ?? {}).find(([field]) => field.toLowerCase() === lowerCase)?.[1];
}

function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}
