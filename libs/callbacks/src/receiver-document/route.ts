import type { RuntimeExpression } from '../expression/runtime-expression.js';
import { DeclaredExchange } from '../openapi/declared-exchange.js';
import type { OperationObject, SchemaObject } from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import type { SentOperation } from './collect-operations.js';
import { schemaOfValue, describeExpression, nameExpressions, nameExpression } from './describe-expression.js';
import type { ValueSource } from './describe-expression.js';
import { agreedServer, givenServers, serverOf } from './servers.js';
import type { Server } from './servers.js';
import { expressionsIn, isExpression, splitUrl, cut, dropFirst, splitAt, joinSegments } from './url-segments.js';
import type { Segment } from './url-segments.js';
import { groupBy } from './group-by.js';

/** An operation that the API sends, with its position in the API of the receiver. */
export interface Route {
  readonly name: string;
  readonly method: string;
  readonly operation: OperationObject;
  /** The operation that triggers it. */
  readonly trigger?: { readonly title: string; readonly summary: string | undefined };
  readonly servers: readonly Server[];
  /** The part of its URL that the receiver chooses. Routes with the same base are sent to one server. */
  readonly base: string;
  /** Whether the receiver can also choose the path of the server. */
  readonly isFree: boolean;
  /** Begins with a slash. */
  readonly path: readonly Segment[];
  /** The path parameters, in the order of the expressions. */
  readonly pathParameters: readonly UrlParameter[];
  readonly query: readonly UrlParameter[];
}

/** Finds the position of an operation in the API of its receiver. */
export function routeOf(sent: SentOperation, resolver: Resolver, webhookPath: string | undefined): Route {
  const { name, method, operation, callback } = sent;
  if (!callback) {
    const servers = givenServers(sent) ?? [agreedServer('webhook_url')];
    // Webhooks at one path are sent to one URL.
    const path = pathOfWebhook(webhookPath ?? name);
    const place = {
      base: webhookPath === undefined ? `webhook ${name}` : 'webhooks',
      isFree: !sent.servers,
      path: [path],
    };
    return { name, method, operation, servers, ...place, pathParameters: [], query: [] };
  }
  const { trigger, url } = callback;
  const { title } = trigger;
  const exchange = new DeclaredExchange(trigger, resolver);
  const { base, path, query } = splitUrl(url);
  const parameter = (expression: RuntimeExpression, named: string) => ({
    name: named,
    schema: schemaOfValue(expression, exchange),
    source: { phrase: describeExpression(expression), title },
  });
  const inPath = expressionsIn(path);
  const names = nameExpressions(inPath);
  const isRelative = base.length === 0;
  return {
    name,
    method,
    operation,
    trigger: { title, summary: trigger.operation.summary },
    servers: isRelative ? (givenServers(sent) ?? [agreedServer('callback_url')]) : [serverOf(base, title, exchange)],
    base: `${title} ${JSON.stringify(base)}`,
    isFree: isExpression(base) || (isRelative && !sent.servers),
    path,
    pathParameters: inPath.map((expression, index) => parameter(expression, names[index]!)),
    query: queryParameters(query, parameter),
  };
}

/** Makes a path from the name of a webhook. Characters with a meaning in URLs are percent-encoded. */
function pathOfWebhook(name: string): string {
  const path = encodeURI(name.toWellFormed()).replace(/[?#]/g, encodeURIComponent);
  return path.startsWith('/') ? path : `/${path}`;
}

/** A parameter for a value in the URL of a callback. */
export interface UrlParameter {
  readonly name: string;
  readonly schema: SchemaObject;
  /** The source of the value. A literal has none. */
  readonly source?: ValueSource;
}

/** Creates the parameter for an expression. */
type MakeParameter = (expression: RuntimeExpression, name: string) => UrlParameter & { source: ValueSource };

/** Returns the parameters in the query of a callback's URL. */
export function queryParameters(query: readonly Segment[], parameter: MakeParameter): UrlParameter[] {
  const pairs = splitAt(query, '&').filter((pair) => pair.length > 0);
  const parameters = pairs.map((pair) => readPair(pair, parameter));
  return [...groupBy(parameters, ({ name }) => name).values()].map((same) =>
    // A repeated query parameter is an array.
    same.length === 1 ? same[0]! : { ...same[0]!, schema: { type: 'array', items: { type: 'string' } } },
  );
}

function readPair(pair: readonly Segment[], parameter: MakeParameter): UrlParameter {
  const [key, rest] = cut(pair, /=/);
  const value = dropFirst(rest, '=');
  // OpenAPI cannot describe a variable name, so the parameter is named after the expression in its name.
  const name = joinSegments(decodeSegments(key), nameExpression);
  const [first, ...others] = expressionsIn(value);
  if (first === undefined) {
    const [inKey] = expressionsIn(key);
    if (inKey !== undefined) return parameter(inKey, name);
    return { name, schema: { type: 'string', enum: [joinSegments(decodeSegments(value), nameExpression)] } };
  }
  const made = parameter(first, name);
  if (isExpression(value)) return made;
  const sources = [made, ...others.map((other) => parameter(other, name))].map(({ source }) => source.phrase);
  const text = joinSegments(decodeSegments(value), (expression) => `{${nameExpression(expression)}}`);
  const phrase = `\`${text}\`, with ${sources.join(' and ').replaceAll(/ (?:of|to) and /g, ' and ')}`;
  return { name, schema: { type: 'string' }, source: { phrase, title: made.source.title } };
}

/** Decodes the strings of a part of a query. If one of them cannot be decoded, all are returned unchanged. */
function decodeSegments(segments: readonly Segment[]): readonly Segment[] {
  try {
    return segments.map((segment) =>
      typeof segment === 'string' ? decodeURIComponent(segment.replaceAll('+', ' ')) : segment,
    );
  } catch {
    return segments;
  }
}
