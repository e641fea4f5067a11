import { distance } from 'fastest-levenshtein';
import type { SchemaSearch } from '../../openapi/find-in-schema.js';

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
