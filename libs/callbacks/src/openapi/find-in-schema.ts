import { ARRAY_INDEX } from '../expression/json.js';
import { foldGraph } from './fold-graph.js';
import type { SchemaObject } from './openapi-types.js';
import { discriminatorTargets } from './resolve-reference.js';
import type { Resolver } from './resolve-reference.js';

/** Whether the values of a schema can have something at a pointer, and what they can have instead. */
export interface SchemaSearch {
  readonly found: boolean;
  /** The valid pointers at the step where the search failed; empty if it succeeded. */
  readonly declared: readonly (readonly string[])[];
  /** The possible schemas of the value at the pointer; `undefined` stands for any value. */
  readonly schemas: readonly (SchemaObject | undefined)[];
}

/** A schema of the value after `depth` steps of the pointer; `undefined` allows any value. */
interface Candidate {
  readonly schema: SchemaObject | undefined;
  readonly depth: number;
}

const FOUND: SchemaSearch = { found: true, declared: [], schemas: [undefined] };
const NOTHING_FOUND: SchemaSearch = { found: false, declared: [], schemas: [] };

/**
 * Follows a JSON pointer through a schema: through references, combined schemas, arrays and maps. What a schema leaves
 * open (a free-form object, a missing schema, a reference to another document) counts as found.
 */
export function findInSchema(schema: unknown, pointer: readonly string[], resolver: Resolver): SchemaSearch {
  const known = pointer.concat('').map(() => new Map<SchemaObject | undefined, Candidate>());
  // It comes from a document, or is missing.
  return foldGraph(candidate(schema as SchemaObject | undefined, 0), childrenOf, search);

  /** Returns one object for each schema and depth, so that a schema with several users is searched once. */
  function candidate(other: SchemaObject | undefined, depth: number): Candidate {
    const found = known[depth]!.get(other) ?? { schema: other, depth };
    known[depth]!.set(other, found);
    return found;
  }

  function ofAll({ schema: parent, depth }: Candidate): Candidate[] {
    if (parent === undefined || depth === pointer.length) return [];
    return [
      ...membersAt(parent, pointer[depth]!).map((member) => candidate(member === true ? undefined : member, depth + 1)),
      ...conjunctsOf(parent, resolver).map((part) => candidate(part, depth)),
    ];
  }

  function ofAny({ schema: parent, depth }: Candidate): Candidate[] {
    if (parent === undefined || depth === pointer.length) return [];
    return disjunctsOf(parent, resolver).map((alternative) => candidate(alternative, depth));
  }

  function childrenOf(node: Candidate): Candidate[] {
    return [...ofAll(node), ...ofAny(node)];
  }

  function search(node: Candidate, resultOf: (child: Candidate) => SchemaSearch | undefined): SchemaSearch {
    const { schema: parent, depth } = node;
    if (parent === undefined) return FOUND;
    if (depth === pointer.length) return { ...FOUND, schemas: [parent] };
    // A schema that refers to itself adds nothing.
    const searchesOf = (nodes: Candidate[]) => nodes.map((child) => resultOf(child) ?? NOTHING_FOUND);
    const [all, any] = [searchesOf(ofAll(node)), searchesOf(ofAny(node))];
    const isAlone = [...conjunctsOf(parent, resolver), ...disjunctsOf(parent, resolver)].length === 0;
    if (isAlone && isFreeForm(parent)) return FOUND;
    const searches = [...all, ...any];
    if (searches.some(({ found }) => found)) return { ...FOUND, schemas: possibleSchemas(all, any) };
    const names = membersAt(parent, pointer[depth]!).length > 0 ? [] : namesOf(parent);
    const own = names.map((name) => [...pointer.slice(0, depth), name]);
    return { ...NOTHING_FOUND, declared: distinct([...own, ...searches.flatMap((other) => other.declared)]) };
  }
}

/** Returns the schemas of a value. All parts of its schema apply: the declared ones win over the alternatives. */
function possibleSchemas(ofAll: readonly SchemaSearch[], ofAny: readonly SchemaSearch[]): SchemaSearch['schemas'] {
  const known = ofAll.flatMap((hit) => hit.schemas.filter((schema) => schema !== undefined));
  const others = ofAny.flatMap((hit) => hit.schemas);
  if (known.length > 0) return distinct(known);
  return others.length > 0 ? distinct(others) : [undefined];
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** Returns the other schemas that a value of this schema must match. */
function conjunctsOf({ $ref, allOf = [] }: SchemaObject, resolver: Resolver): (SchemaObject | undefined)[] {
  return [...($ref === undefined ? [] : [schemaAt($ref, resolver)]), ...allOf];
}

/** Returns the alternatives, of which a value of this schema matches one. */
function disjunctsOf(schema: SchemaObject, resolver: Resolver): (SchemaObject | undefined)[] {
  const { oneOf = [], anyOf = [] } = schema;
  const mapped = discriminatorTargets(schema).map((reference) => schemaAt(reference, resolver));
  return [...mapped, ...oneOf, ...anyOf];
}

function schemaAt(reference: string, resolver: Resolver): SchemaObject | undefined {
  // The target of a reference in a schema is a schema.
  return (resolver.valueAt(reference) ?? undefined) as SchemaObject | undefined;
}

/** Returns the names of the properties that a value can have; for an array, the index of the first item. */
function namesOf({ properties = {}, items, prefixItems }: SchemaObject): string[] {
  return [...Object.keys(properties), ...(items || prefixItems ? ['0'] : [])];
}

/** Returns the schemas of the member that a token names; `true` allows any value. */
function membersAt(schema: SchemaObject, token: string): (SchemaObject | true)[] {
  const property = schema.properties && Object.hasOwn(schema.properties, token) ? schema.properties[token]! : undefined;
  if (property) return [property];
  // The pattern is not evaluated, because a document could contain one that never ends. Any name may match it.
  const patterns = Object.values(schema.patternProperties ?? {});
  const item = ARRAY_INDEX.test(token) ? (schema.prefixItems?.[Number(token)] ?? schema.items) : undefined;
  const other = item ?? schema.additionalProperties;
  return [...patterns, ...(other ? [other] : [])];
}

function isFreeForm(schema: SchemaObject): boolean {
  if (schema.properties || schema.items || schema.prefixItems || schema.additionalProperties !== undefined)
    return false;
  const types = [schema.type ?? []].flat();
  return types.length === 0 || types.includes('object') || types.includes('array');
}
