import type { CallbackProblem } from '../contract/callback-problem.js';

/** The problems of an app in the order in which they are found; one that several operations meet is one problem. */
export class ProblemList {
  readonly #problems = new Map<string, CallbackProblem>();

  /** Adds a problem that was met from an operation, named as `POST /invoices`. */
  add(problem: CallbackProblem, linkedFrom?: string): void {
    const key = [problem.code, problem.place, problem.message].join('\n');
    const known = this.#problems.get(key) ?? problem;
    const operations = new Set(known.linkedFrom);
    if (linkedFrom !== undefined) operations.add(linkedFrom);
    this.#problems.set(key, operations.size === 0 ? known : { ...known, linkedFrom: [...operations] });
  }

  all(): CallbackProblem[] {
    return [...this.#problems.values()];
  }
}
