import { printRuntimeExpression } from '../../expression/runtime-expression.js';
import type { BodyExpression, NamedExpression, RuntimeExpression } from '../../expression/runtime-expression.js';
import type { DeclaredExchange } from '../../openapi/declared-exchange.js';
import { foldGraph } from '../../openapi/fold-graph.js';
import { isObject } from '../../expression/json.js';
import type { SchemaObject } from '../../openapi/openapi-types.js';
import type { Resolver } from '../../openapi/resolve-reference.js';

/** An expression whose value cannot be part of a URL. */
export interface Structure {
  readonly message: string;
  /** The values within it that a URL can hold. */
  readonly declared?: readonly string[];
  readonly fix: string;
}

const URL_NAME = /ur[il]|callback|hook|endpoint/i;
const ID_NAME = /id$/i;
const SINGLE_VALUES = 'Only a string, a number or a boolean can be a part of a URL.';

/**
 * Reports an expression whose value is an array or an object, which has no value at run time, and suggests what to
 * write instead.
 *
 * @param isBase - whether the expression begins the URL.
 */
export function structureIssue(
  expression: RuntimeExpression,
  title: string,
  exchange: DeclaredExchange,
  isBase: boolean,
): Structure | undefined {
  if (expression.source === 'body') return findBodyStructure(expression, title, exchange, isBase);
  return 'name' in expression ? findParameterStructure(expression, title, exchange) : undefined;
}

function findBodyStructure(
  expression: BodyExpression,
  title: string,
  exchange: DeclaredExchange,
  isBase: boolean,
): Structure | undefined {
  const { message, pointer = [] } = expression;
  const { schemas } = message === 'request' ? exchange.findInRequest(pointer) : exchange.findInResponse(pointer);
  const structure = structureOf(schemas, exchange.resolver);
  if (structure === undefined) return undefined;
  const owner = message === 'request' ? `the request body of ${title}` : `the successful response of ${title}`;
  const within = schemas.flatMap((schema) => scalarsWithin(schema, exchange.resolver));
  const wanted = isBase ? URL_NAME : ID_NAME;
  const example = within.find((path) => wanted.test(path.join('/'))) ?? within[0];
  return {
    message: `${pointer.length === 0 ? `names ${owner}, which is ${structure}` : `names ${structure} in ${owner}`}. ${SINGLE_VALUES}`,
    ...(example && { declared: within.map((path) => [...pointer, ...path].join('/')) }),
    fix: example
      ? `write {${printRuntimeExpression({ ...expression, pointer: [...pointer, ...example] })}}, or name another value in it.`
      : 'declare its type, such as @ApiProperty({ type: String }), or name a value in it.',
  };
}

function findParameterStructure(
  expression: NamedExpression,
  title: string,
  exchange: DeclaredExchange,
): Structure | undefined {
  const { source, name, message } = expression;
  const isOfRequest = message === 'request';
  const { schema } = (isOfRequest ? exchange.parameter(source, name) : exchange.responseHeader(name)) ?? {};
  const structure = structureOf([schema], exchange.resolver);
  if (structure === undefined) return undefined;
  const what = isOfRequest ? `a ${source} parameter of ${title}` : `a response header of ${title}`;
  return {
    message: `names ${what} that is ${structure}. ${SINGLE_VALUES}`,
    fix: fixOfParameter(expression, structure),
  };
}

function fixOfParameter({ source, name, message }: NamedExpression, structure: string): string {
  const declare = {
    header: `@ApiHeader({ name: '${name}', schema: { type: 'string' } })`,
    query: `@ApiQuery({ name: '${name}', type: String })`,
    path: `@ApiParam({ name: '${name}', type: String })`,
  }[source];
  if (message === 'response') {
    return `declare it as one value: headers: { '${name}': { schema: { type: 'string' } } } in the @ApiResponse().`;
  }
  const inBody = structure === 'an array' ? `${name}/0` : `${name}/url`;
  return `declare it as one value, ${declare}, or let the client send it in the body: {$request.body#/${inBody}}.`;
}

/** How deep values are searched, in how many objects of one level, and how many of them help a reader. */
const MAX_DEPTH = 3;
const MAX_PARENTS = 50;
const MAX_VALUES = 20;

type Path = readonly string[];
type Types = ReadonlySet<string> | undefined;

/** Returns the possible JSON types of a schema's values, with `number` for `integer`; `undefined` if any is possible. */
export function jsonTypesOf(schema: unknown, resolver: Resolver): Types {
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

/** Returns what a value is if no URL can contain it, such as `an array`; otherwise `undefined`. */
export function structureOf(candidates: readonly unknown[], resolver: Resolver): string | undefined {
  const types = union(candidates.map((schema) => jsonTypesOf(schema, resolver)));
  if (!types || ['string', 'number', 'boolean'].some((type) => types.has(type))) return undefined;
  const names = ['array', 'object'].filter((type) => types.has(type)).map((type) => `an ${type}`);
  return names.join(' or ') || 'nothing but null';
}

/** Returns the pointers to the values in a schema that a URL can contain; for an array, those in the first item. */
export function scalarsWithin(schema: unknown, resolver: Resolver): Path[] {
  const found: Path[] = [];
  let level: (readonly [path: Path, schema: unknown])[] = [[[], schema]];
  for (let depth = 0; depth < MAX_DEPTH && found.length < MAX_VALUES; depth += 1) {
    const members = level.flatMap(([path, parent]) =>
      declaredMembersOf(parent, resolver).map(([token, member]) => [[...path, token], member] as const),
    );
    const isScalar = ([, member]: (typeof members)[number]) => structureOf([member], resolver) === undefined;
    found.push(...members.filter(isScalar).map(([path]) => path));
    level = members.filter((member) => !isScalar(member)).slice(0, MAX_PARENTS);
  }
  return found.slice(0, MAX_VALUES);
}

/** Returns the members that a schema declares, itself or through the schemas that it combines. */
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

/** Returns the schemas that a schema refers to or combines. */
function othersOf(schema: SchemaObject, resolver: Resolver): SchemaObject[] {
  const { allOf = [], oneOf = [], anyOf = [] } = schema;
  return [referenced(schema, resolver), ...allOf, ...oneOf, ...anyOf].filter(isSchema);
}

function ownTypes({ type, properties, additionalProperties, items, prefixItems, ...rest }: SchemaObject): Types {
  // `@nestjs/swagger` writes this for a type that it does not know, such as `string | null`.
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

/** Returns all types of several schemas; `undefined` if one of them allows any type. */
function union(types: readonly Types[]): Types {
  const known = types.filter((one) => one !== undefined);
  return known.length < types.length ? undefined : new Set(known.flatMap((one) => [...one]));
}

function referenced({ $ref }: SchemaObject, resolver: Resolver): unknown {
  return $ref === undefined ? undefined : resolver.valueAt($ref);
}

/** An object in a schema's place is a schema; the other values are `true` and `false`. */
function isSchema(value: unknown): value is SchemaObject {
  return isObject(value);
}
