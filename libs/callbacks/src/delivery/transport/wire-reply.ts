/** A reply as it came over the wire. */
export interface WireReply {
  readonly statusCode: number;
  /** Header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The body, still in its content encoding. */
  readonly bytes: Buffer;
  /** Why that is not the whole body: the end of "the body ...". */
  readonly bodyIssue?: string;
}

/** The content encoding of a reply, in lower case. */
export function encodingOf({ headers }: Pick<WireReply, 'headers'>): string | undefined {
  return headers['content-encoding']?.toString().trim().toLowerCase();
}
