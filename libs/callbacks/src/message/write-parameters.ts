import type { ContractIssue } from '../errors/contract.errors.js';
import type { RouteArgument } from '../metadata/route-arguments.js';
import { entriesOf } from './entries-of.js';
import { toText } from './to-text.js';

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
export function headerIssue([name, value]: readonly [string, string]): ContractIssue[] {
  if (CONNECTION_HEADERS.has(name)) return [{ path: name, message: 'is a header that only the HTTP client may set' }];
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return [{ path: name, message: 'is not a valid header name' }];
  return /[^\t\x20-\x7e\x80-\xff]/.test(value)
    ? [{ path: name, message: 'has a character that a header cannot contain' }]
    : [];
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
