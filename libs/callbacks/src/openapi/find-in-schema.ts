import { distance } from 'fastest-levenshtein';
import { ARRAY_INDEX } from '../expression/json.js';
import { foldGraph } from './fold-graph.js';
import type { SchemaObject, SchemasObject } from './openapi-types.js';

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
const REFERENCE = /^#\/components\/schemas\/(.+)$/;

/**
 * Follows a JSON pointer through a schema: through references, combined schemas, arrays and maps. What a schema leaves
 * open (a free-form object, a missing schema, a reference to another document) counts as found.
 */
export function findInSchema(schema: unknown, pointer: readonly string[], schemas: SchemasObject): SchemaSearch {
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
      ...conjunctsOf(parent, schemas).map((part) => candidate(part, depth)),
    ];
  }

  function ofAny({ schema: parent, depth }: Candidate): Candidate[] {
    if (parent === undefined || depth === pointer.length) return [];
    return disjunctsOf(parent, schemas).map((alternative) => candidate(alternative, depth));
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
    const isAlone = [...conjunctsOf(parent, schemas), ...disjunctsOf(parent, schemas)].length === 0;
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
function conjunctsOf({ $ref, allOf = [] }: SchemaObject, schemas: SchemasObject): (SchemaObject | undefined)[] {
  return [...($ref === undefined ? [] : [schemaOf($ref, schemas)]), ...allOf];
}

/** Returns the alternatives, of which a value of this schema matches one. */
function disjunctsOf(schema: SchemaObject, schemas: SchemasObject): (SchemaObject | undefined)[] {
  const { discriminator, oneOf = [], anyOf = [] } = schema;
  const mapped = Object.values(discriminator?.mapping ?? {}).map((reference) => schemaOf(reference, schemas));
  return [...mapped, ...oneOf, ...anyOf];
}

function schemaOf(reference: string, schemas: SchemasObject): SchemaObject | undefined {
  const name = REFERENCE.exec(reference)?.[1];
  // The type of `@nestjs/swagger` has fewer members than are read here.
  return name === undefined ? undefined : (schemas[name] as SchemaObject | undefined);
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

type Pointer = readonly string[];

/** `items[0].id` instead of three steps. */
const SEPARATOR = /\.|\[(\d+)\]\.?/;
/** What is probably meant as an index: `-`, `*`, `01`. */
const NEARLY_AN_INDEX = /^(?:[-*]|-?\d+)$/;
/** The most mistakes that are corrected in one pointer, and the most names that are tried for each. */
const MAX_CORRECTIONS = 4;
const MAX_NAMES = 5;

/**
 * Returns the pointer that is probably meant by one that names nothing. It corrects the step that fails and the steps
 * after it, until the pointer names something. Returns `undefined` if no name is similar.
 */
export function nearestPointer(
  pointer: Pointer,
  find: (pointer: Pointer) => SchemaSearch,
  corrections = MAX_CORRECTIONS,
): Pointer | undefined {
  const { found, declared } = find(pointer);
  if (found) return pointer;
  if (corrections === 0) return undefined;
  for (const corrected of correctionsOf(pointer, declared)) {
    const nearest = nearestPointer(corrected, find, corrections - 1);
    if (nearest) return nearest;
  }
  return undefined;
}

/** Returns the pointer with its failing step corrected in different ways, the most probable first. */
function correctionsOf(pointer: Pointer, declared: readonly Pointer[]): Pointer[] {
  const depths = [...new Set(declared.map((candidate) => candidate.length - 1))];
  return depths.flatMap((depth) => {
    const before = pointer.slice(0, depth);
    const after = pointer.slice(depth + 1);
    const step = pointer[depth] ?? '';
    const names = declared.filter(({ length }) => length === depth + 1).map((candidate) => candidate[depth] ?? '');
    const steps = step.split(SEPARATOR).filter(Boolean);
    const split = steps.length > 1 && names.includes(steps[0]!) ? [steps] : [];
    const indexed = !names.includes('0') ? [] : NEARLY_AN_INDEX.test(step) ? [['0']] : [['0', step]];
    const near = nearNames(step, names)
      .slice(0, MAX_NAMES)
      .map((other) => [other]);
    return [...split, ...near, ...indexed].map((other) => [...before, ...other, ...after]);
  });
}

/**
 * Returns the similar names, the most similar first: at most every third letter differs, or two letters have changed
 * places.
 */
export function nearNames(name: string, candidates: readonly string[]): string[] {
  return candidates
    .map((candidate) => ({ candidate, edits: distance(candidate.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits < name.length && edits <= Math.max(2, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.edits - b.edits)
    .map(({ candidate }) => candidate);
}
