/** A request as it goes over the wire. */
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
 * What the receiver replied, whatever its status.
 *
 * @typeParam Body - the body, decompressed and read as UTF-8; empty without one. Or its bytes as they came.
 */
export interface HttpReply<Body = string> {
  readonly statusCode: number;
  /** Header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Body;
  /** Why that is not the whole body, or why it cannot be read: the end of "the body ...". */
  readonly bodyIssue?: string;
}
