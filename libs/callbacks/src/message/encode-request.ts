import { types } from 'node:util';
import type { ContractIssue } from '../errors/contract.errors.js';
import type { RouteArgument } from '../metadata/route-arguments.js';
import { isJsonObject } from '../expression/json.js';

/** An argument and its value as it is sent. */
export interface WrittenArgument {
  readonly argument: RouteArgument;
  readonly value: unknown;
}

/**
 * Headers that only the HTTP client may set: those of the connection (RFC 9110, section 7.6.1), and those that give the
 * destination or the length of a message.
 */
const CONNECTION_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
  'host',
]);

/**
 * Returns the header fields by their names in lower case. Several values are joined with commas: RFC 9110, section 5.3.
 */
export function writeHeaders(written: readonly WrittenArgument[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of collect(written, 'header')) {
    const key = name.toLowerCase();
    const known = headers.get(key);
    const texts = [...(known === undefined ? [] : [known]), ...scalars(value)];
    if (texts.length > 0) headers.set(key, texts.join(', '));
  }
  return headers;
}

/** Returns the query parameters in order, one for each item of an array. */
export function writeQuery(written: readonly WrittenArgument[]): [string, string][] {
  return collect(written, 'query').flatMap(([name, value]) =>
    scalars(value).map((text): [string, string] => [name, text]),
  );
}

/** Appends query parameters to those of a URL. */
export function appendQuery(url: string, query: [string, string][]): string {
  if (query.length === 0) return url;
  const text = new URLSearchParams(query).toString();
  const [, head = url, fragment = ''] = /^([^#]*)(#.*)?$/s.exec(url) ?? [];
  return `${head}${head.includes('?') ? '&' : '?'}${text}${fragment}`;
}

/** Returns why a header cannot be sent, if it cannot. */
export function headerIssue(name: string, value: string): ContractIssue | undefined {
  if (CONNECTION_HEADERS.has(name)) return { path: name, message: 'is a header that only the HTTP client may set' };
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return { path: name, message: 'is not a valid header name' };
  return /[^\t\x20-\x7e\x80-\xff]/.test(value)
    ? { path: name, message: 'has a character that a header cannot contain' }
    : undefined;
}

/** Returns why a query parameter cannot be sent, if it cannot. The parser of URLs would replace a lone surrogate. */
export function queryIssue(name: string, value: string): ContractIssue | undefined {
  return name.isWellFormed() && value.isWellFormed() ? undefined : { path: name, message: `has a ${LONE_SURROGATE}` };
}

/** Returns the named values of a source: `@Query('a') a` and the properties of `@Query() all`. */
function collect(written: readonly WrittenArgument[], source: string): [string, unknown][] {
  return written
    .filter(({ argument }) => argument.source === source)
    .flatMap(({ argument: { name }, value }): [string, unknown][] =>
      name === undefined ? (entriesOf(value) ?? []) : [[name, value]],
    );
}

function scalars(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(scalars);
  return [toText(value)];
}

/** The half of a character that UTF-16 writes as a pair. JSON escapes it. */
const LONE_SURROGATE = 'lone surrogate, which UTF-8 cannot contain';

/** A body as it is sent: a string, in UTF-8, or bytes. */
export type EncodedBody = { readonly mediaType: string } & ({ readonly text: string } | { readonly bytes: Buffer });

type Written = { readonly text: string } | { readonly bytes: Buffer } | { readonly fault: string };

/** Encodes a body in the first media type that fits, or returns why none does. */
export function encodeBody(
  body: unknown,
  mediaTypes: readonly string[],
): EncodedBody | { readonly issues: readonly ContractIssue[] } {
  const issues: ContractIssue[] = [];
  for (const mediaType of mediaTypes) {
    const written = writeAs(mediaType, body);
    if (!('fault' in written)) return { mediaType, ...written };
    issues.push({ path: '', message: `cannot be written as ${mediaType}: ${written.fault}` });
  }
  return { issues };
}

function writeAs(mediaType: string, body: unknown): Written {
  const type = mediaType.split(';')[0]!.trim().toLowerCase();
  if (/[/+]json$/.test(type)) {
    const text = JSON.stringify(body) as string | undefined;
    return text === undefined ? { fault: 'it must be a JSON value' } : { text };
  }
  // A multipart body needs a boundary in the header.
  if (type.startsWith('multipart/') && !/;\s*boundary=/i.test(mediaType)) {
    return { fault: 'JSON, form-urlencoded, strings and bytes can be sent' };
  }
  if (typeof body === 'string') return body.isWellFormed() ? { text: body } : { fault: `it has a ${LONE_SURROGATE}` };
  const bytes = asBytes(body);
  if (bytes) return { bytes };
  if (type === 'application/x-www-form-urlencoded') return writeForm(body);
  if (type.startsWith('text/')) {
    const isText = typeof body !== 'object' || body instanceof Date;
    return isText ? { text: toText(body) } : { fault: 'it must be a string, a number, a boolean or a Date' };
  }
  return { fault: 'it must be a string or a Buffer, which is sent unchanged' };
}

function asBytes(body: unknown): Buffer | undefined {
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return types.isAnyArrayBuffer(body) ? Buffer.from(body) : undefined;
}

function writeForm(body: unknown): Written {
  const values = entriesOf(body);
  if (!values) return { fault: 'it must be an object with the fields of the form as properties' };
  const fields = values.flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((item) => item !== undefined && item !== null)
      .map((item): [string, string] => [name, toText(item)]),
  );
  if (!fields.flat().every((text) => text.isWellFormed())) return { fault: `it has a ${LONE_SURROGATE}` };
  return { text: new URLSearchParams(fields).toString() };
}

/**
 * Returns the properties of an object, or `undefined` for anything else: the keys of arrays and strings are not names.
 */
export function entriesOf(value: unknown): [string, unknown][] | undefined {
  return isJsonObject(value) ? Object.entries(value) : undefined;
}

/** Writes a value without quotes, for queries, headers, forms and text bodies. */
function toText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
