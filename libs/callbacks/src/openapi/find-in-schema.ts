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
  /** What the value at the pointer can be; `undefined` among them stands for anything. */
  readonly schemas: readonly unknown[];
}

const FOUND: SchemaSearch = { found: true, declared: [], schemas: [undefined] };
const NOT_FOUND: SchemaSearch = { found: false, declared: [], schemas: [] };
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
  if (depth === pointer.length) return { ...FOUND, schemas: [schema] };
  // A schema that leads to itself before it has any property says nothing more.
  if (visited.has(schema)) return NOT_FOUND;
  const seen = new Set([...visited, schema]);
  const parts = partsOf(schema, schemas);
  const alternatives = alternativesOf(schema, schemas);
  if (parts.length + alternatives.length === 0 && isFreeForm(schema)) return FOUND;
  const members = membersOf(schema, pointer[depth]!);
  const searchHere = (other: Schema | undefined) => search(other, pointer, depth, schemas, seen);
  const ofAll = [
    ...members.map((member) => search(member === true ? undefined : member, pointer, depth + 1, schemas, new Set())),
    ...parts.map(searchHere),
  ];
  const ofAny = alternatives.map(searchHere);
  const searches = [...ofAll, ...ofAny];
  if (searches.some(({ found }) => found)) return { ...FOUND, schemas: possibleSchemas(ofAll, ofAny) };
  const own = members.length > 0 ? [] : namesOf(schema);
  const prefix = pointer.slice(0, depth);
  return {
    ...NOT_FOUND,
    declared: [...own.map((name) => [...prefix, name]), ...searches.flatMap(({ declared }) => declared)],
  };
}

/** A value fits all parts of its schema: the one that says what it is counts. It fits one of the alternatives. */
function possibleSchemas(ofAll: readonly SchemaSearch[], ofAny: readonly SchemaSearch[]): readonly unknown[] {
  const known = ofAll.flatMap((hit) => hit.schemas.filter((schema) => schema !== undefined));
  const others = ofAny.flatMap((hit) => hit.schemas);
  if (known.length > 0) return known;
  return others.length > 0 ? others : [undefined];
}

/** The schemas that a value has to fit beside this one. */
function partsOf({ $ref, allOf = [] }: Schema, schemas: SchemasObject): (Schema | undefined)[] {
  return [...($ref === undefined ? [] : [schemaOf($ref, schemas)]), ...allOf];
}

/** The schemas that a value fits one of. */
function alternativesOf(schema: Schema, schemas: SchemasObject): (Schema | undefined)[] {
  const { discriminator, oneOf = [], anyOf = [] } = schema;
  const mapped = Object.values(discriminator?.mapping ?? {}).map((reference) => schemaOf(reference, schemas));
  return [...mapped, ...oneOf, ...anyOf];
}

function schemaOf(reference: string, schemas: SchemasObject): Schema | undefined {
  const name = REFERENCE.exec(reference)?.[1];
  return name === undefined ? undefined : (schemas[name] as Schema | undefined);
}

/** The names of the members that a value can have; of an array, the index of the first. */
function namesOf({ properties = {}, items, prefixItems }: Schema): string[] {
  return [...Object.keys(properties), ...(items || prefixItems ? ['0'] : [])];
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
