import type { CallbackProblem } from './callback-problem.js';

/** The problems of an app in the order in which they are found; one that several operations meet is one problem. */
export class ProblemList {
  readonly #problems = new Map<string, CallbackProblem>();

  /** Adds a problem that was met from an operation, named as `POST /invoices`. */
  add(problem: CallbackProblem, linkedFrom?: string): void {
    const key = [problem.code, problem.place, problem.message].join('\n');
    const known = this.#problems.get(key) ?? problem;
    const operations = new Set([...(known.linkedFrom ?? []), ...(problem.linkedFrom ?? [])]);
    if (linkedFrom !== undefined) operations.add(linkedFrom);
    this.#problems.set(key, operations.size === 0 ? known : { ...known, linkedFrom: [...operations] });
  }

  /**
   * All problems. With the operations of the document in their order, those of an operation come in its place: first
   * the ones that no operation leads to, last the ones that other callbacks lead to.
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
