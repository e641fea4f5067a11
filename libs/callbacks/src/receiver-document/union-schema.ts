import type { Equality } from '../openapi/equality.js';
import type { SchemaObject } from '../openapi/openapi-types.js';

/** Returns a schema that allows the values of any of several schemas. A missing schema allows all values. */
export function unionSchema(schemas: readonly (SchemaObject | undefined)[], equality: Equality): SchemaObject {
  if (schemas.length === 1) return schemas[0] ?? {};
  const alternatives = schemas.map((schema) => schemasInUnion(schema ?? {}));
  // Schemas with only a list of strings are merged into one list.
  const firstOther = alternatives.findIndex((some) => some.some((schema) => listedBy(schema) === undefined));
  const count = firstOther === -1 ? schemas.length : firstOther;
  const lists = equality.distinct(alternatives.slice(0, count).flat());
  const listed = count > 1 && lists.length > 1 ? [listOf(lists)] : lists;
  const different = equality.distinct([...listed, ...alternatives.slice(count).flat()]);
  return different.length === 1 ? different[0]! : { anyOf: different };
}

function schemasInUnion(schema: SchemaObject): readonly SchemaObject[] {
  const { anyOf, ...rest } = schema;
  return anyOf && Object.keys(rest).length === 0 ? anyOf : [schema];
}

function listOf(schemas: readonly SchemaObject[]): SchemaObject {
  return { type: 'string', enum: [...new Set(schemas.flatMap((schema) => listedBy(schema) ?? []))] };
}

/** Returns the strings of a schema that consists only of an enum of strings. */
function listedBy(schema: SchemaObject): readonly unknown[] | undefined {
  const { type, enum: values, ...rest } = schema;
  return type === 'string' && Array.isArray(values) && Object.keys(rest).length === 0 ? values : undefined;
}
