import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A complete request, as received. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether the body is longer than a megabyte. The rest of it was dropped. */
  readonly isTooLong: boolean;
}

const LONGEST_BODY = 1_048_576;

export async function readWireRequest(request: IncomingMessage): Promise<WireRequest> {
  const { method = '', url: target = '/', headers } = request;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LONGEST_BODY) chunks.push(chunk);
  }
  return { method, target, headers, body: Buffer.concat(chunks), isTooLong: length > LONGEST_BODY };
}
