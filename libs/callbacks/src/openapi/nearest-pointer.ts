import { distance } from 'fastest-levenshtein';
import type { SchemaSearch } from './find-in-schema.js';

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
