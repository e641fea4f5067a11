import type { ServerResponse } from 'node:http';
import { toPlain } from '../message/write-value.js';

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
