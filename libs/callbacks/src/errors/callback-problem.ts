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
