import type { RuntimeExpression } from '../expression/runtime-expression.js';
import { DeclaredExchange } from '../openapi/declared-exchange.js';
import type { OperationObject } from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import type { SentOperation } from './collect-operations.js';
import { schemaOfValue } from './declared-value.js';
import { describeExpression, nameExpressions } from './describe-expression.js';
import { queryParameters } from './query-parameters.js';
import type { UrlParameter } from './query-parameters.js';
import { agreedServer, givenServers, serverOf } from './servers.js';
import type { Server } from './servers.js';
import { expressionsIn, isExpression, splitUrl } from './url-segments.js';
import type { Segment } from './url-segments.js';

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
  const exchange = new DeclaredExchange(trigger, resolver.document, undefined, resolver);
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
    servers: isRelative
      ? (givenServers(sent) ?? [agreedServer('callback_url')])
      : [serverOf(base, title, exchange, resolver)],
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
