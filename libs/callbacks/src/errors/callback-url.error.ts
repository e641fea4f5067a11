import { CallbackError } from './callback.error.js';

/** What a `CallbackUrlError` knows besides its reason. */
export interface CallbackUrlErrorDetails {
  /** The host of the URL with its port, if the URL can be parsed. */
  readonly host?: string;
  /** The exact reason, if the client must not learn it. */
  readonly detail?: string;
  /** What the API developer can do, as a complete sentence. */
  readonly fix?: string;
  /** The runtime expression whose value cannot be used: `$request.query.callback_url`. */
  readonly expression?: string;
}

/**
 * A callback URL that cannot be used: it is relative, has another scheme, contains credentials, or leads to an address
 * that is not public. The message names the host but never the rest of the URL, which may contain secrets.
 *
 * @example
 * const isRefusedUrl = (error: unknown) => error instanceof CallbackError && error.code === 'CALLBACK_URL';
 */
export class CallbackUrlError extends CallbackError {
  override readonly name = 'CallbackUrlError';
  readonly code = 'CALLBACK_URL';
  /** The host of the URL with its port, if the URL can be parsed. */
  readonly host: string | undefined;
  /**
   * The exact reason, for the API developer, if `reason` does not give it: it can reveal what is open in your network.
   */
  readonly detail: string | undefined;
  /** What the API developer can do, as a complete sentence. */
  readonly fix: string | undefined;
  /** The runtime expression whose value cannot be used, if it came from a request: `$request.query.callback_url`. */
  readonly expression: string | undefined;

  constructor(
    /** Why the URL cannot be used, as the end of a sentence that the client may read: `it contains credentials`. */
    readonly reason: string,
    { host, detail, fix, expression }: CallbackUrlErrorDetails = {},
  ) {
    const place = host === undefined ? 'Cannot use a callback URL' : `Cannot call ${host}`;
    super(`${place}: ${detail ?? reason}.${fix === undefined ? '' : ` Fix: ${fix}`}`);
    this.host = host;
    this.detail = detail;
    this.fix = fix;
    this.expression = expression;
  }
}
