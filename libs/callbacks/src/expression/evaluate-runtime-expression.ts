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
