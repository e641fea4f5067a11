import type { Exchange, ExchangeRequest, ExchangeResponse } from './exchange.js';
import { valueAtPointer } from './json-pointer.js';
import type { RuntimeExpression } from './runtime-expression.js';

/**
 * The value of an expression in an exchange, as text, or `undefined` where there is none: what is missing, `null`,
 * an object or an array is no value.
 */
export function evaluateRuntimeExpression(expression: RuntimeExpression, exchange: Exchange): string | undefined {
  return scalarText(read(expression, exchange));
}

/**
 * Why an expression has no value although something was given for it, as the end of a sentence; nothing if nothing was:
 * a client that gives two URLs, or one in a way that is not read, would else wait for a callback that never comes.
 */
export function valueIssue(expression: RuntimeExpression, exchange: Exchange): string | undefined {
  const value = read(expression, exchange);
  if (Array.isArray(value)) return 'must be one value, and is an array';
  if (typeof value === 'object' && value !== null) return 'must be one value, and is an object';
  return isBracketed(expression, exchange) ? 'must be one value, and is given with brackets after its name' : undefined;
}

/** Whether it is given as `name[]`, `name[0]` or `name[a]`, which simple parsers of queries and forms take for another name. */
function isBracketed(expression: RuntimeExpression, { request, response }: Exchange): boolean {
  if (expression.source === 'query') return hasBracketed(request.query, expression.name);
  if (expression.source !== 'body') return false;
  const { message, pointer = [] } = expression;
  const name = pointer.at(-1);
  const body = message === 'request' ? request.body : response?.body;
  return name !== undefined && hasBracketed(valueAtPointer(body, pointer.slice(0, -1)), name);
}

function hasBracketed(values: unknown, name: string): boolean {
  return typeof values === 'object' && values !== null && Object.keys(values).some((key) => key.startsWith(`${name}[`));
}

function read(expression: RuntimeExpression, { request, response }: Exchange): unknown {
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
      // The grammar allows them on a response too, which has neither.
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
