import type { RuntimeExpression } from '../expression/runtime-expression.js';
import { groupBy } from './group-by.js';
import type { DeclaredExchange } from '../openapi/declared-exchange.js';
import type { ExampleObject, HeaderObject, Referable, SchemaObject } from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';

/** The source of a value in the URL of a callback. */
export interface ValueSource {
  /** What the value is: "`id` in the body of". */
  readonly phrase: string;
  /** The operation: `POST /invoices`. */
  readonly title: string;
}

const INDEX = /^\d+$/;

/**
 * Names the value of an expression with letters, digits and `_` only, which every generator and router accepts: `id`.
 */
export function nameExpression(expression: RuntimeExpression): string {
  return wordOf(expression).replace(/\W+/g, '_') || expression.source;
}

/** Gives the expressions of one URL unique names: `id`, `response_id`, `id_2`. */
export function nameExpressions(expressions: readonly RuntimeExpression[]): string[] {
  const taken = new Set<string>();
  return expressions.map((expression) => {
    const name = nameExpression(expression);
    let free = taken.has(name) ? `${namePrefixOf(expression)}_${name}` : name;
    for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
    taken.add(free);
    return free;
  });
}

function wordOf(expression: RuntimeExpression): string {
  switch (expression.source) {
    case 'url':
      return 'request_url';
    case 'method':
      return 'request_method';
    case 'statusCode':
      return 'status_code';
    case 'body': {
      const pointer = expression.pointer ?? [];
      // An index alone is not a name: `#/urls/0` is urls_0.
      const start = pointer.findLastIndex((token) => !INDEX.test(token));
      return [...(start === -1 ? ['body'] : []), ...pointer.slice(Math.max(start, 0))].join('_');
    }
    default:
      return expression.name;
  }
}

function namePrefixOf(expression: RuntimeExpression): string {
  if (!('message' in expression)) return 'request';
  return expression.message === 'response' ? 'response' : expression.source;
}

/** Describes the value of an expression, without its operation: "`id` in the body of". */
export function describeExpression(expression: RuntimeExpression): string {
  switch (expression.source) {
    case 'url':
      return 'the URL of';
    case 'method':
      return 'the method of';
    case 'statusCode':
      return 'the status of the response to';
    case 'header':
      return `the header \`${expression.name}\` of${toResponse(expression)}`;
    case 'body': {
      const path = (expression.pointer ?? []).join('.');
      return `${path === '' ? '' : `\`${path}\` in `}the body of${toResponse(expression)}`;
    }
    default:
      return `\`${expression.name}\` in the ${expression.source} of${toResponse(expression)}`;
  }
}

function toResponse({ message }: { message: string }): string {
  return message === 'response' ? ' the response to' : '';
}

/** Describes the sources of a value. Sources that differ only in their operation share one phrase. */
export function describeSources(sources: readonly ValueSource[]): string {
  const phrases = groupBy(sources, ({ phrase }) => phrase);
  return [...phrases]
    .map(([phrase, same]) => `${phrase} ${listTitles([...new Set(same.map(({ title }) => title))])}`)
    .join(', or ');
}

/** Lists the first titles: a shared callback can have a thousand triggers, and three are enough to recognize it. */
export function listTitles(titles: readonly string[], most = 3, word = 'or'): string {
  if (titles.length > most) return `${titles.slice(0, most).join(', ')} and ${titles.length - most} more`;
  return [titles.slice(0, -1).join(', '), ...titles.slice(-1)].filter((text) => text !== '').join(` ${word} `);
}

/** The declaration of a value in a document: its schema and examples. */
interface ValueDeclaration {
  readonly schema?: SchemaObject | undefined;
  readonly example?: unknown;
  readonly examples?: unknown;
}

/** Returns the declared schema for the value of an expression, or that of a string if there is none. */
export function schemaOfValue(expression: RuntimeExpression, exchange: DeclaredExchange): SchemaObject {
  return declarationOf(expression, exchange).schema ?? { type: 'string' };
}

/** Returns an example in the document for the value of an expression. */
export function exampleOfValue(expression: RuntimeExpression, exchange: DeclaredExchange): unknown {
  const { resolver } = exchange;
  const declaration = declarationOf(expression, exchange);
  const schema = resolver.resolve(declaration.schema) ?? {};
  return [
    ...examplesIn(declaration, resolver),
    ...examplesIn(schema, resolver),
    schema.default,
    schema.const,
    schema.enum?.[0],
  ].find((value) => value !== undefined);
}

function declarationOf(expression: RuntimeExpression, exchange: DeclaredExchange): ValueDeclaration {
  switch (expression.source) {
    case 'url':
      return { schema: { type: 'string', format: 'uri' } };
    case 'method':
      return {};
    case 'statusCode':
      return { schema: { type: 'integer' } };
    case 'body': {
      const { message, pointer = [] } = expression;
      const { schemas } = message === 'request' ? exchange.findInRequest(pointer) : exchange.findInResponse(pointer);
      return { schema: schemas.find((schema) => schema !== undefined) };
    }
    default: {
      const { message, source, name } = expression;
      if (message === 'request') return withSchema(exchange.parameter(source, name));
      return source === 'header' ? withSchema(exchange.responseHeader(name)) : {};
    }
  }
}

/** A parameter has either a schema or content with one media type, which has the schema. */
function withSchema(parameter: HeaderObject = {}): ValueDeclaration {
  const [media] = Object.values(parameter.content ?? {});
  // `@nestjs/swagger` types schemas of OpenAPI 3.0 only.
  const schema = (parameter.schema ?? media?.schema) as SchemaObject | undefined;
  return { ...parameter, schema };
}

/** Reads `example` and `examples`: a list in a schema, a map of Example Objects elsewhere. */
function examplesIn({ example, examples }: ValueDeclaration, resolver: Resolver): unknown[] {
  if (Array.isArray(examples)) return [example, ...(examples as unknown[])];
  const named = Object.values((examples ?? {}) as Record<string, Referable<ExampleObject>>);
  return [example, ...named.map((value) => resolver.resolve(value)?.value as unknown)];
}
