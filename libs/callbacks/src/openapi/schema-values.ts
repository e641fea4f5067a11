import type { SchemasObject } from './openapi-types.js';
import { resolveReference } from './resolve-reference.js';

/** A Schema Object, as far as it says what its values are. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly additionalProperties?: unknown;
  readonly items?: unknown;
  readonly prefixItems?: readonly unknown[];
  readonly allOf?: readonly unknown[];
  readonly oneOf?: readonly unknown[];
  readonly anyOf?: readonly unknown[];
}

/** How deep values are looked for, and how many of them are of use to a reader. */
const MAX_DEPTH = 3;
const MAX_VALUES = 20;

type Path = readonly string[];
type Types = ReadonlySet<string> | undefined;

/** The JSON types that the values of a schema can have, with `number` for `integer`; `undefined` if it does not say. */
export function jsonTypesOf(schema: unknown, schemas: SchemasObject, seen: ReadonlySet<unknown> = new Set()): Types {
  if (!isSchema(schema) || seen.has(schema)) return undefined;
  const within = new Set([...seen, schema]);
  const typesIn = (other: unknown) => jsonTypesOf(other, schemas, within);
  const { oneOf, anyOf, allOf = [] } = schema;
  const all = [
    ownTypes(schema),
    schema.$ref === undefined ? undefined : typesIn(referenced(schema, schemas)),
    ...allOf.map(typesIn),
    ...[oneOf, anyOf].map((members) => members && union(members.map(typesIn))),
  ];
  return all.reduce((one, other) =>
    one && other ? new Set([...one].filter((type) => other.has(type))) : (one ?? other),
  );
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
  const found: Path[] = [];
  let level: (readonly [path: Path, schema: unknown])[] = [[[], schema]];
  for (let depth = 0; depth < MAX_DEPTH && found.length < MAX_VALUES; depth += 1) {
    const members = level.flatMap(([path, parent]) =>
      membersOf(parent, schemas).map(([token, member]) => [[...path, token], member] as const),
    );
    const isScalar = ([, member]: (typeof members)[number]) => structureOf([member], schemas) === undefined;
    found.push(...members.filter(isScalar).map(([path]) => path));
    level = members.filter((member) => !isScalar(member));
  }
  return found.slice(0, MAX_VALUES);
}

function membersOf(
  schema: unknown,
  schemas: SchemasObject,
  seen: ReadonlySet<unknown> = new Set(),
): [string, unknown][] {
  if (!isSchema(schema) || seen.has(schema)) return [];
  const { properties = {}, items, prefixItems = [], allOf = [], oneOf = [], anyOf = [] } = schema;
  const first = prefixItems[0] ?? items;
  const others = [schema.$ref === undefined ? [] : referenced(schema, schemas), allOf, oneOf, anyOf].flat();
  const within = new Set([...seen, schema]);
  return [
    ...Object.entries(properties),
    ...(first === undefined ? [] : [['0', first] as [string, unknown]]),
    ...others.flatMap((other) => membersOf(other, schemas, within)),
  ];
}

function ownTypes({ type, properties, additionalProperties, items, prefixItems, ...rest }: Schema): Types {
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

function referenced({ $ref }: Schema, schemas: SchemasObject): unknown {
  return resolveReference({ $ref }, { components: { schemas } });
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}
