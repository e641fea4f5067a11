import type { RuntimeExpression } from '../expression/runtime-expression.js';
import type { DeclaredExchange } from '../openapi/declared-exchange.js';
import type { ExampleObject, HeaderObject, Referable, SchemaObject } from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';

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
