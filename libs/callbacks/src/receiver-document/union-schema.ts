import type { JsonObject } from '../expression/json-object.js';
import { isDeepStrictEqual } from 'node:util';

/** The schema of the values of either of two; no schema at all is one of all values. */
export function unionSchema(one: unknown, other: unknown): JsonObject {
  const alternatives = [one ?? {}, other ?? {}].flatMap(alternativesOf);
  const different = alternatives.filter(
    (schema, index) => alternatives.findIndex((known) => isDeepStrictEqual(known, schema)) === index,
  );
  if (different.length === 1) return different[0]!;
  const values = different.map(valuesOf);
  if (values.every((listed) => listed !== undefined)) return { type: 'string', enum: [...new Set(values.flat())] };
  return { anyOf: different };
}

function alternativesOf(schema: unknown): JsonObject[] {
  const { anyOf, ...rest } = schema as { anyOf?: JsonObject[] };
  return anyOf && Object.keys(rest).length === 0 ? anyOf : [schema as JsonObject];
}

/** The texts of a schema that says no more than that it is one of them. */
function valuesOf(schema: JsonObject): readonly unknown[] | undefined {
  const { type, enum: values, ...rest } = schema;
  return type === 'string' && Array.isArray(values) && Object.keys(rest).length === 0 ? values : undefined;
}
