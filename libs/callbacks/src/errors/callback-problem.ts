import { Logger } from '@nestjs/common';
import { CallbackError } from './callback.errors.js';

/** One mistake in the callbacks of an app. */
export interface CallbackProblem {
  /** The kind of mistake, stable for programs. */
  readonly code:
    | 'not-a-callback-controller'
    | 'not-a-webhook-controller'
    | 'mounted-callback-controller'
    | 'no-operations'
    | 'no-such-operation'
    | 'unreachable-handler'
    | 'reserved-name'
    | 'not-documented'
    | 'expression-syntax'
    | 'no-url'
    | 'several-urls'
    | 'several-bodies'
    | 'ignored-header'
    | 'unsupported-method'
    | 'duplicate-operation'
    | 'undeclared-value'
    | 'unusable-value'
    | 'path-parameter'
    | 'unknown-link'
    | 'model-clash'
    | 'unreadable-model'
    | 'unknown-reference'
    | 'unlinked-urls'
    | 'unfinished-document'
    | 'unreadable-document'
    | 'no-such-callback';
  /** What has the mistake: `Class.method`, `Class`, the name of a model, or a position in a document. */
  readonly place: string;
  /** The operations that link to it, such as `POST /invoices`. */
  readonly linkedFrom?: readonly string[];
  /** What is wrong, in complete sentences. */
  readonly message: string;
  /** What the operation declares, if the mistake is a name that it does not declare. */
  readonly declared?: readonly string[];
  /** What to write instead, in complete sentences. */
  readonly fix: string;
}

/**
 * The problems of an app, in the order in which they are found. A problem that several operations share is listed once.
 */
export class ProblemList {
  readonly #problems = new Map<string, CallbackProblem>();

  /**
   * Adds a problem.
   *
   * @param linkedFrom - the operations that it was found through, such as `POST /invoices`.
   */
  add(problem: CallbackProblem, linkedFrom: string | readonly string[] = []): void {
    const key = [problem.code, problem.place, problem.message].join('\n');
    const known = this.#problems.get(key) ?? problem;
    const operations = new Set([known.linkedFrom ?? [], problem.linkedFrom ?? [], linkedFrom].flat());
    this.#problems.set(key, operations.size === 0 ? known : { ...known, linkedFrom: [...operations] });
  }

  /**
   * Returns all problems in the order of the given operations: problems of no operation come first, those of other
   * callbacks last.
   */
  all(operations: readonly string[] = []): CallbackProblem[] {
    const ranks = new Map(operations.map((operation, index) => [operation, index]));
    const rankOf = ({ linkedFrom: [first] = [] }: CallbackProblem) =>
      first === undefined ? -1 : (ranks.get(first) ?? operations.length);
    return [...this.#problems.values()].toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

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

  constructor(
    /** Every mistake, in the order of the document. */
    readonly problems: readonly CallbackProblem[],
    options?: ErrorOptions,
  ) {
    super(describeProblems(problems), options);
  }
}

/** Reports one problem. */
export type ReportProblem = (problem: CallbackProblem) => void;

/**
 * Reports the problems that a document was written in spite of.
 *
 * @param caller - the function that wrote it, as the context of the warning.
 * @throws CallbackDocumentError with all problems, unless they are to be logged.
 */
export function throwOrWarn(problems: readonly CallbackProblem[], onProblem: 'throw' | 'warn', caller: string): void {
  if (problems.length === 0) return;
  if (onProblem === 'throw') throw new CallbackDocumentError(problems);
  new Logger(caller).warn(describeProblems(problems));
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
