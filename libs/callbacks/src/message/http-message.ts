/** A request as it is sent. */
export interface HttpRequest {
  /** The HTTP method in upper case. */
  readonly method: string;
  /** The absolute URL. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The exact bytes of the body; a string is sent as UTF-8. */
  readonly body?: string | Uint8Array;
}

/**
 * The reply of a receiver, of any status.
 *
 * @typeParam Body - the body, decompressed and decoded as UTF-8, or an empty string; or the bytes as received.
 */
export interface HttpReply<Body = string> {
  readonly statusCode: number;
  /** Header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Body;
  /** Why the body is incomplete or cannot be read, as the end of "the body ...". */
  readonly bodyIssue?: string;
}
