import type { SchemasObject } from './openapi-types.js';

/** A Schema Object, or the reference to one, as far as a JSON pointer is followed through it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly discriminator?: { readonly mapping?: Readonly<Record<string, string>> };
}

/** Whether values of a schema can have something at a pointer, and what they can have instead. */
export interface SchemaSearch {
  readonly found: boolean;
  /** The pointers that lead on from the place where the search ended; empty where it found what it looked for. */
  readonly declared: readonly (readonly string[])[];
  /** The schema at the pointer, where there is one to be found: what counts as found need not have any. */
  readonly schema?: unknown;
}

const FOUND: SchemaSearch = { found: true, declared: [] };
const REFERENCE = /^#\/components\/schemas\/(.+)$/;
const ARRAY_INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * Follows a JSON pointer through a schema: through references, combined schemas, arrays and maps. Whatever a schema
 * does not say (a free-form object, no schema at all, a reference to somewhere else) counts as found.
 */
export function findInSchema(schema: unknown, pointer: readonly string[], schemas: SchemasObject): SchemaSearch {
  return search(schema as Schema | undefined, pointer, 0, schemas, new Set());
}

function search(
  schema: Schema | undefined,
  pointer: readonly string[],
  depth: number,
  schemas: SchemasObject,
  visited: ReadonlySet<unknown>,
): SchemaSearch {
  if (schema === undefined) return FOUND;
  if (depth === pointer.length) return { ...FOUND, schema };
  // A schema that leads to itself before it has any property says nothing more.
  if (visited.has(schema)) return { found: false, declared: [] };
  const seen = new Set([...visited, schema]);
  const alternatives = alternativesOf(schema, schemas);
  if (alternatives.length === 0 && isFreeForm(schema)) return FOUND;
  const members = membersOf(schema, pointer[depth]!);
  const searches = [
    ...members.map((member) => search(member === true ? undefined : member, pointer, depth + 1, schemas, new Set())),
    ...alternatives.map((alternative) => search(alternative, pointer, depth, schemas, seen)),
  ];
  const hits = searches.filter(({ found }) => found);
  if (hits.length > 0) return hits.find((hit) => hit.schema !== undefined) ?? FOUND;
  const own = members.length > 0 ? [] : Object.keys(schema.properties ?? {});
  const prefix = pointer.slice(0, depth);
  return {
    found: false,
    declared: [...own.map((name) => [...prefix, name]), ...searches.flatMap(({ declared }) => declared)],
  };
}

/** The schemas that stand beside this one, or in its place: a value is good for it by one of them or by all. */
function alternativesOf(schema: Schema, schemas: SchemasObject): (Schema | undefined)[] {
  const references = [schema.$ref ?? [], Object.values(schema.discriminator?.mapping ?? {})].flat();
  const referenced = references.map((reference) => {
    const name = REFERENCE.exec(reference)?.[1];
    return name === undefined ? undefined : (schemas[name] as Schema | undefined);
  });
  return [...referenced, ...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
}

/** The schemas of the member that a token names; `true` where any value is one. */
function membersOf(schema: Schema, token: string): (Schema | true)[] {
  const property = schema.properties && Object.hasOwn(schema.properties, token) ? schema.properties[token]! : undefined;
  if (property) return [property];
  const patterns = Object.entries(schema.patternProperties ?? {}).filter(([pattern]) => fits(token, pattern));
  if (patterns.length > 0) return patterns.map(([, member]) => member);
  if (ARRAY_INDEX.test(token)) {
    const item = schema.prefixItems?.[Number(token)] ?? schema.items;
    if (item) return [item];
  }
  const { additionalProperties } = schema;
  return additionalProperties ? [additionalProperties] : [];
}

/** A pattern that cannot be read may mean anything. */
function fits(token: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(token);
  } catch {
    return true;
  }
}

function isFreeForm(schema: Schema): boolean {
  if (schema.properties || schema.items || schema.prefixItems || schema.additionalProperties !== undefined)
    return false;
  const types = [schema.type ?? []].flat();
  return types.length === 0 || types.includes('object') || types.includes('array');
}
