import { distance } from 'fastest-levenshtein';

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
