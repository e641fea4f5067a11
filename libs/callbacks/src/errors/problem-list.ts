import type { CallbackProblem } from './callback-problem.js';

/**
 * The problems of an app, in the order in which they are found. A problem that several operations share is listed once.
 */
export class ProblemList {
  readonly #problems = new Map<string, CallbackProblem>();

  /**
   * Adds a problem.
   *
   * @param linkedFrom - the operation that it was found through, such as `POST /invoices`.
   */
  add(problem: CallbackProblem, linkedFrom?: string): void {
    const key = [problem.code, problem.place, problem.message].join('\n');
    const known = this.#problems.get(key) ?? problem;
    const operations = new Set([...(known.linkedFrom ?? []), ...(problem.linkedFrom ?? [])]);
    if (linkedFrom !== undefined) operations.add(linkedFrom);
    this.#problems.set(key, operations.size === 0 ? known : { ...known, linkedFrom: [...operations] });
  }

  /**
   * Returns all problems in the order of the given operations: problems of no operation come first, those of other
   * callbacks last.
   */
  all(operations: readonly string[] = []): CallbackProblem[] {
    const places = new Map(operations.map((operation, index) => [operation, index]));
    const qualifiedNameOf = ({ linkedFrom }: CallbackProblem) => {
      if (!linkedFrom?.[0]) return -1;
      return places.get(linkedFrom[0]) ?? operations.length;
    };
    return [...this.#problems.values()].toSorted((a, b) => qualifiedNameOf(a) - qualifiedNameOf(b));
  }
}
