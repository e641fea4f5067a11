import { foldGraph } from './fold-graph.js';
import type { SchemaObject, SchemasObject } from './openapi-types.js';
import { Resolver } from './resolve-reference.js';

/** How deep values are looked for, in how many objects of a level, and how many of them are of use to a reader. */
const MAX_DEPTH = 3;
const MAX_PARENTS = 50;
const MAX_VALUES = 20;

type Path = readonly string[];
type Types = ReadonlySet<string> | undefined;

/** The JSON types that the values of a schema can have, with `number` for `integer`; `undefined` if it does not say. */
export function jsonTypesOf(schema: unknown, schemas: SchemasObject): Types {
  const resolver = new Resolver({ components: { schemas } });
  return isSchema(schema)
    ? foldGraph<SchemaObject, Types>(schema, (one) => othersOf(one, resolver), typesOf)
    : undefined;

  function typesOf(one: SchemaObject, resultOf: (other: SchemaObject) => Types): Types {
    const typesIn = (other: unknown) => (isSchema(other) ? resultOf(other) : undefined);
    const { oneOf, anyOf, allOf = [] } = one;
    const all = [
      ownTypes(one),
      typesIn(referenced(one, resolver)),
      ...allOf.map(typesIn),
      ...[oneOf, anyOf].map((members) => members && union(members.map(typesIn))),
    ];
    return all.reduce((a, b) => (a && b ? new Set([...a].filter((type) => b.has(type))) : (a ?? b)));
  }
}

/** What a value is that no URL can hold: `an array`. `undefined` if it can be a string, a number or a boolean. */
export function structureOf(candidates: readonly unknown[], schemas: SchemasObject): string | undefined {
  const types = union(candidates.map((schema) => jsonTypesOf(schema, schemas)));
  if (!types || ['string', 'number', 'boolean'].some((type) => types.has(type))) return undefined;
  const names = ['array', 'object'].filter((type) => types.has(type)).map((type) => `an ${type}`);
  return names.join(' or ') || 'nothing but null';
}

/** The pointers to the values within a schema's own that a URL can hold: of arrays, to those of the first element. */
export function scalarsWithin(schema: unknown, schemas: SchemasObject): Path[] {
  const resolver = new Resolver({ components: { schemas } });
  const found: Path[] = [];
  let level: (readonly [path: Path, schema: unknown])[] = [[[], schema]];
  for (let depth = 0; depth < MAX_DEPTH && found.length < MAX_VALUES; depth += 1) {
    const members = level.flatMap(([path, parent]) =>
      declaredMembersOf(parent, resolver).map(([token, member]) => [[...path, token], member] as const),
    );
    const isScalar = ([, member]: (typeof members)[number]) => structureOf([member], schemas) === undefined;
    found.push(...members.filter(isScalar).map(([path]) => path));
    level = members.filter((member) => !isScalar(member)).slice(0, MAX_PARENTS);
  }
  return found.slice(0, MAX_VALUES);
}

/** The members that a schema and all that it is combined of declare. */
function declaredMembersOf(schema: unknown, resolver: Resolver): [string, unknown][] {
  const seen = new Set<unknown>();
  const members: [string, unknown][] = [];
  const pending = [schema];
  while (pending.length > 0) {
    const one = pending.pop();
    if (!isSchema(one) || seen.has(one)) continue;
    seen.add(one);
    for (const member of Object.entries(one.properties ?? {})) members.push(member);
    const first = one.prefixItems?.[0] ?? one.items;
    if (first !== undefined) members.push(['0', first]);
    pending.push(...othersOf(one, resolver).toReversed());
  }
  return members;
}

/** What a schema is combined of. */
function othersOf(schema: SchemaObject, resolver: Resolver): SchemaObject[] {
  const { allOf = [], oneOf = [], anyOf = [] } = schema;
  return [referenced(schema, resolver), ...allOf, ...oneOf, ...anyOf].filter(isSchema);
}

function ownTypes({ type, properties, additionalProperties, items, prefixItems, ...rest }: SchemaObject): Types {
  // What `@nestjs/swagger` writes of a type that it does not know, such as `string | null`.
  if (type === 'object' && Object.keys({ ...properties }).length === 0 && !additionalProperties) return undefined;
  if (type !== undefined) return new Set([type].flat().map((name) => (name === 'integer' ? 'number' : name)));
  const values = rest.enum ?? ('const' in rest ? [rest.const] : undefined);
  if (values) return new Set(values.map(jsonTypeOf));
  if (properties !== undefined || additionalProperties !== undefined) return new Set(['object']);
  return items === undefined && prefixItems === undefined ? undefined : new Set(['array']);
}

function jsonTypeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** What one of several can be; anything as soon as one of them can be anything. */
function union(types: readonly Types[]): Types {
  const known = types.filter((one) => one !== undefined);
  return known.length < types.length ? undefined : new Set(known.flatMap((one) => [...one]));
}

function referenced({ $ref }: SchemaObject, resolver: Resolver): unknown {
  return $ref === undefined ? undefined : resolver.target($ref);
}

function isSchema(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null;
}
