import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { toPlain } from '../message/write-value.js';

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

const MAX_BODY_BYTES = 1_048_576;

export async function readWireRequest(request: IncomingMessage): Promise<WireRequest> {
  const { method = '', url: target = '/', headers } = request;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return { method, target, headers, body: Buffer.concat(chunks), isTooLong: length > MAX_BODY_BYTES };
}

/** A reply as it is sent. */
export interface WireReply {
  readonly statusCode: number;
  /** Header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A reply as a test describes it. */
export interface ReplyToWrite {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: unknown;
}

/** Writes a reply: a string unchanged, `undefined` as an empty body, and everything else as JSON. */
export async function encodeReply({ statusCode, headers = {}, body }: ReplyToWrite): Promise<WireReply> {
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (body === undefined) return { statusCode, headers: lowerCase, body: '' };
  const isText = typeof body === 'string';
  return {
    statusCode,
    headers: { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json', ...lowerCase },
    body: isText ? body : JSON.stringify(await toPlain(body)),
  };
}

export function writeReply(response: ServerResponse, { statusCode, headers, body }: WireReply): void {
  response.writeHead(statusCode, headers).end(body);
}
