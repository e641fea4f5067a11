import { CallbackError } from './callback.error.js';

/** What a `CallbackUrlError` knows beside its reason. */
export interface CallbackUrlErrorDetails {
  /** The host of the URL, with its port, where the URL has one that can be read. */
  readonly host?: string;
  /** What the API developer can do, as a sentence. */
  readonly fix?: string;
  /** The runtime expression whose value cannot be used: `$request.query.callback_url`. */
  readonly expression?: string;
}

/**
 * A callback URL that cannot be used: it is relative, of another scheme, has credentials in it, or leads to an address
 * that is not public. The message names the host and never the rest of the URL, which may hold secrets.
 *
 * @example
 * const isRefusedUrl = (error: unknown) => error instanceof CallbackError && error.code === 'CALLBACK_URL';
 */
export class CallbackUrlError extends CallbackError {
  override readonly name = 'CallbackUrlError';
  readonly code = 'CALLBACK_URL';
  /** The host of the URL, with its port, where the URL has one that can be read. */
  readonly host: string | undefined;
  /** What the API developer can do, as a sentence. */
  readonly fix: string | undefined;
  /** The runtime expression whose value cannot be used, if it came from a request: `$request.query.callback_url`. */
  readonly expression: string | undefined;

  constructor(
    /** Why the URL cannot be used, as the end of a sentence: `127.0.0.1 is a loopback address`. */
    readonly reason: string,
    { host, fix, expression }: CallbackUrlErrorDetails = {},
  ) {
    const place = host === undefined ? 'Cannot use a callback URL' : `Cannot call back ${host}`;
    super(`${place}: ${reason}.${fix === undefined ? '' : ` Fix: ${fix}`}`);
    this.host = host;
    this.fix = fix;
    this.expression = expression;
  }
}
