import type { JsonObject } from '../expression/json-object.js';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { RuntimeExpression } from '../expression/runtime-expression.js';
import type { DeclaredExchange } from '../openapi/declared-exchange.js';
import { resolveReference } from '../openapi/resolve-reference.js';

/** The schema that the operation declares for the value of an expression; a string where it declares none. */
export function schemaOfValue(expression: RuntimeExpression, exchange: DeclaredExchange): JsonObject {
  return (declarationOf(expression, exchange)['schema'] as JsonObject | undefined) ?? { type: 'string' };
}

/** A value that the document gives as an example of what an expression stands for. */
export function exampleOfValue(
  expression: RuntimeExpression,
  exchange: DeclaredExchange,
  document: OpenAPIObject,
): unknown {
  const { schema, ...declaration } = declarationOf(expression, exchange);
  const { default: byDefault, enum: values, const: only } = (resolveReference(schema, document) ?? {}) as JsonObject;
  return [
    ...examplesIn(declaration, document),
    ...examplesIn((resolveReference(schema, document) ?? {}) as JsonObject, document),
    byDefault,
    only,
    (values as unknown[] | undefined)?.[0],
  ].find((value) => value !== undefined);
}

function declarationOf(expression: RuntimeExpression, exchange: DeclaredExchange): JsonObject {
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
      if (message === 'request') return withSchema(exchange.parameter(source, name) ?? {});
      return source === 'header' ? withSchema(exchange.responseHeader(name) ?? {}) : {};
    }
  }
}

/** A parameter has either a schema or a content of one media type, with the schema in it. */
function withSchema(parameter: JsonObject): JsonObject {
  const [media] = Object.values((parameter['content'] as Record<string, JsonObject> | undefined) ?? {});
  return { schema: media?.['schema'], ...parameter };
}

/** `example` and `examples`, which are a list in a schema and a map of Example Objects elsewhere. */
function examplesIn({ example, examples }: JsonObject, document: OpenAPIObject): unknown[] {
  if (Array.isArray(examples)) return [example, ...examples];
  const named = Object.values((examples as JsonObject | undefined) ?? {});
  return [
    example,
    ...named.map((value) => (resolveReference(value, document) as { value?: unknown } | undefined)?.value),
  ];
}
