import type { OpenAPIObject } from '@nestjs/swagger';
import type { RuntimeExpression } from '../expression/runtime-expression.js';
import { DeclaredExchange } from '../openapi/declared-exchange.js';
import type { OperationObject } from '../openapi/openapi-types.js';
import { schemaOfValue } from './declared-value.js';
import { nameExpressions } from './name-expression.js';
import { readQuery } from './read-query.js';
import type { SentOperation } from './sent-operation.js';
import { agreedServer, givenServers, serverOf } from './server.js';
import type { Server } from './server.js';
import { indexesIn, splitUrl } from './split-url.js';
import type { UrlParameter } from './url-parameter.js';
import { describeExpression } from './value-source.js';

/** Where an operation that the API sends has its place in the API of the receiver. */
export interface Route {
  readonly name: string;
  readonly method: string;
  readonly operation: OperationObject;
  /** The operation that leads to it. */
  readonly trigger?: { readonly title: string; readonly summary: string | undefined };
  readonly servers: readonly Server[];
  /** What it is sent to, as far as the receiver decides on it: routes of one base are sent to one server. */
  readonly base: string;
  /** Whether the receiver decides on the path of the server too. */
  readonly isFree: boolean;
  /** Begins with a slash; `{0}` and the like stand for the parameters of `path`. */
  readonly text: string;
  readonly path: readonly UrlParameter[];
  readonly query: readonly UrlParameter[];
}

/** Finds the place of an operation in the API of its receiver. */
export function routeOf(sent: SentOperation, document: OpenAPIObject): Route {
  const { name, method, operation, callback } = sent;
  if (!callback) {
    const servers = givenServers(sent) ?? [agreedServer('webhook_url')];
    const place = { base: `webhook ${name}`, isFree: !sent.servers, text: pathOfWebhook(name), path: [], query: [] };
    return { name, method, operation, servers, ...place };
  }
  const { trigger, url } = callback;
  const { title } = trigger;
  const exchange = new DeclaredExchange(trigger, document);
  const { base, path, query, expressions } = splitUrl(url);
  const parameter = (expression: RuntimeExpression, named: string): UrlParameter => ({
    name: named,
    schema: schemaOfValue(expression, exchange),
    source: { phrase: describeExpression(expression), title },
  });
  const inPath = indexesIn(path).map((index) => expressions[index]!);
  const names = nameExpressions(inPath);
  const inBase = expressions.slice(0, indexesIn(base).length);
  return {
    name,
    method,
    operation,
    trigger: { title, summary: trigger.operation.summary },
    servers:
      base === ''
        ? (givenServers(sent) ?? [agreedServer('callback_url')])
        : [serverOf(base, inBase, title, exchange, document)],
    base: `${title} ${base} ${JSON.stringify(inBase)}`,
    isFree: base === '{0}' || (base === '' && !sent.servers),
    text: path,
    path: inPath.map((expression, index) => parameter(expression, names[index]!)),
    query: readQuery(query, expressions, parameter),
  };
}

/** A webhook has a name, which is not always a path; what stands for something in a path does not in a name. */
function pathOfWebhook(name: string): string {
  const path = encodeURI(name).replace(/[?#]/g, encodeURIComponent);
  return path.startsWith('/') ? path : `/${path}`;
}
