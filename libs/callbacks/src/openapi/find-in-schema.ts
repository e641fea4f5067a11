import { distance } from 'fastest-levenshtein';
import { ARRAY_INDEX } from '../expression/json.js';
import { foldGraph } from './fold-graph.js';
import type { SchemaObject, SchemasObject } from './openapi-types.js';

/** Whether values of a schema can have something at a pointer, and what they can have instead. */
export interface SchemaSearch {
  readonly found: boolean;
  /** The pointers that lead on from where the search ended; empty if it found what it looked for. */
  readonly declared: readonly (readonly string[])[];
  /** What the value at the pointer can be; `undefined` among them stands for anything. */
  readonly schemas: readonly (SchemaObject | undefined)[];
}

/** A schema of the value that is reached after so many steps of the pointer; `undefined` is one of any value. */
interface Candidate {
  readonly schema: SchemaObject | undefined;
  readonly depth: number;
}

const FOUND: SchemaSearch = { found: true, declared: [], schemas: [undefined] };
const NOTHING_FOUND: SchemaSearch = { found: false, declared: [], schemas: [] };
const REFERENCE = /^#\/components\/schemas\/(.+)$/;

/**
 * Follows a JSON pointer through a schema: through references, combined schemas, arrays and maps. Whatever a schema
 * does not say (a free-form object, no schema at all, a reference to somewhere else) counts as found.
 */
export function findInSchema(schema: unknown, pointer: readonly string[], schemas: SchemasObject): SchemaSearch {
  const known = pointer.concat('').map(() => new Map<SchemaObject | undefined, Candidate>());
  // A schema of the document, or none.
  return foldGraph(candidate(schema as SchemaObject | undefined, 0), childrenOf, search);

  /** One object for each schema and depth: what several schemas lead to is searched once. */
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
    // A schema that leads to itself before it has any property says nothing more.
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

/** A value fits all parts of its schema: the one that says what it is counts. It fits one of the alternatives. */
function possibleSchemas(ofAll: readonly SchemaSearch[], ofAny: readonly SchemaSearch[]): SchemaSearch['schemas'] {
  const known = ofAll.flatMap((hit) => hit.schemas.filter((schema) => schema !== undefined));
  const others = ofAny.flatMap((hit) => hit.schemas);
  if (known.length > 0) return distinct(known);
  return others.length > 0 ? distinct(others) : [undefined];
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** The schemas that a value must fit beside this one. */
function conjunctsOf({ $ref, allOf = [] }: SchemaObject, schemas: SchemasObject): (SchemaObject | undefined)[] {
  return [...($ref === undefined ? [] : [schemaOf($ref, schemas)]), ...allOf];
}

/** The schemas that a value fits one of. */
function disjunctsOf(schema: SchemaObject, schemas: SchemasObject): (SchemaObject | undefined)[] {
  const { discriminator, oneOf = [], anyOf = [] } = schema;
  const mapped = Object.values(discriminator?.mapping ?? {}).map((reference) => schemaOf(reference, schemas));
  return [...mapped, ...oneOf, ...anyOf];
}

function schemaOf(reference: string, schemas: SchemasObject): SchemaObject | undefined {
  const name = REFERENCE.exec(reference)?.[1];
  // Its own type says less of a schema than is read here.
  return name === undefined ? undefined : (schemas[name] as SchemaObject | undefined);
}

/** The names of the members that a value can have; of an array, the index of the first. */
function namesOf({ properties = {}, items, prefixItems }: SchemaObject): string[] {
  return [...Object.keys(properties), ...(items || prefixItems ? ['0'] : [])];
}

/** The schemas of the member that a token names; `true` if any value is one. */
function membersAt(schema: SchemaObject, token: string): (SchemaObject | true)[] {
  const property = schema.properties && Object.hasOwn(schema.properties, token) ? schema.properties[token]! : undefined;
  if (property) return [property];
  // A pattern of a document is not run: it can be made to take for ever. Any name may match it, or not.
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
/** What is meant to be an index: `-`, `*`, `01`. */
const NEARLY_AN_INDEX = /^(?:[-*]|-?\d+)$/;
/** How many mistakes in one pointer are corrected, each by how many names at most. */
const MAX_CORRECTIONS = 4;
const MAX_NAMES = 5;

/**
 * The pointer that is likely meant by one that leads nowhere: corrected at the step that fails, and at those after it,
 * until it leads to something. `undefined` if no name is near.
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

/** The pointer with another step wherever it fails, the likeliest first. */
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
 * The names that are likely meant by another, the likeliest first: a slip in every third letter at most, or two letters in
 * each other's place.
 */
export function nearNames(name: string, candidates: readonly string[]): string[] {
  return candidates
    .map((candidate) => ({ candidate, edits: distance(candidate.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits < name.length && edits <= Math.max(2, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.edits - b.edits)
    .map(({ candidate }) => candidate);
}
