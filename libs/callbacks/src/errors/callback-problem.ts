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
    | 'several-bodies'
    | 'unknown-link'
    | 'model-clash'
    | 'unreadable-model'
    | 'unknown-reference'
    | 'unlinked-urls'
    | 'unfinished-document'
    | 'no-such-callback';
  /** Where it is: `Class.method`, `Class`, the name of a model, or a place in a document. */
  readonly place: string;
  /** The operations that link to the place, as `POST /invoices`. */
  readonly linkedFrom?: readonly string[];
  /** What is wrong, in whole sentences. */
  readonly message: string;
  /** What the operation declares, where something is named that it does not declare. */
  readonly declared?: readonly string[];
  /** What to write instead, in whole sentences. */
  readonly fix: string;
}
