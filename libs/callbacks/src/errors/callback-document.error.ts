import { CallbackError } from './callback.error.js';
import type { CallbackProblem } from './callback-problem.js';

/**
 * Every mistake in the callbacks of an app, found at once. The message lists all of them; `problems` has them as
 * objects, in the order of the document.
 *
 * @example
 * try {
 *   withCallbacks(app, document);
 * } catch (error) {
 *   if (error instanceof CallbackDocumentError) {
 *     for (const { place, message, fix } of error.problems) console.error(place, message, fix);
 *   }
 * }
 */
export class CallbackDocumentError extends CallbackError {
  override readonly name = 'CallbackDocumentError';
  readonly code = 'CALLBACK_DOCUMENT';

  constructor(readonly problems: readonly CallbackProblem[]) {
    super(describeProblems(problems));
  }
}

/** Describes problems for a person, under a heading. */
export function describeProblems(problems: readonly CallbackProblem[], heading = 'Cannot document'): string {
  const count = problems.length === 1 ? '1 callback' : `${problems.length} callbacks`;
  const items = problems.map((problem, index) => `${index + 1}. ${describeProblem(problem)}`);
  return [`${heading} ${count}:`, ...items].join('\n\n');
}

function describeProblem({ place, linkedFrom = [], message, declared, fix }: CallbackProblem): string {
  // A shared callback can be linked from a thousand operations: three are enough to recognize it.
  const where = linkedFrom.length === 0 ? place : `${place}, linked from ${summarise(linkedFrom, 3)}`;
  const known = declared ? [`Declared: ${summarise(declared, 20) || 'none'}`] : [];
  return [where, message, ...known, `Fix: ${fix}`].join('\n   ');
}

function summarise(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(', ');
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
}
