import type { RuntimeExpression } from '../expression/runtime-expression.js';
import type { DeclaredExchange } from '../openapi/declared-exchange.js';
import type { ExampleObject, HeaderObject, Referable, SchemaObject } from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';

/** What a document declares of a value: its schema, and the examples beside that. */
interface Declaration {
  readonly schema?: SchemaObject | undefined;
  readonly example?: unknown;
  readonly examples?: unknown;
}

/** The schema that the operation declares for the value of an expression; a string where it declares none. */
export function schemaOfValue(expression: RuntimeExpression, exchange: DeclaredExchange): SchemaObject {
  return declarationOf(expression, exchange).schema ?? { type: 'string' };
}

/** A value that the document gives as an example of what an expression stands for. */
export function exampleOfValue(expression: RuntimeExpression, exchange: DeclaredExchange, resolver: Resolver): unknown {
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

function declarationOf(expression: RuntimeExpression, exchange: DeclaredExchange): Declaration {
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

/** A parameter has either a schema or a content of one media type, with the schema in it. */
function withSchema(parameter: HeaderObject = {}): Declaration {
  const [media] = Object.values(parameter.content ?? {});
  // `@nestjs/swagger` types schemas of OpenAPI 3.0 only.
  const schema = (parameter.schema ?? media?.schema) as SchemaObject | undefined;
  return { ...parameter, schema };
}

/** `example` and `examples`, which are a list in a schema and a map of Example Objects elsewhere. */
function examplesIn({ example, examples }: Declaration, resolver: Resolver): unknown[] {
  if (Array.isArray(examples)) return [example, ...(examples as unknown[])];
  const named = Object.values((examples ?? {}) as Record<string, Referable<ExampleObject>>);
  return [example, ...named.map((value) => resolver.resolve(value)?.value as unknown)];
}
