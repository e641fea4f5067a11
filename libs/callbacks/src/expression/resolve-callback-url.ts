import type { Exchange } from './exchange.js';
import { evaluateRuntimeExpression, valueIssue } from './exchange.js';
import type { RuntimeExpression } from './runtime-expression.js';
import type { UrlTemplate } from './url-template.js';
import { baseUrlIssue, withoutEndSlashes } from './parse-url.js';

/** The result of resolving a callback's URL in one exchange. */
export type ResolvedUrl =
  | { readonly url: string }
  /** An expression has no value in the exchange. If it begins the URL, the client did not ask for a callback. */
  | { readonly missing: RuntimeExpression; readonly begins: boolean }
  /** A value cannot be used in this part of the URL; `reason` is the end of a sentence. */
  | { readonly unusable: RuntimeExpression; readonly reason: string };

/** The parts of a URL. They differ in which values are safe. */
type UrlPart = 'authority' | 'path' | 'query' | 'fragment';

const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i;
const LONGEST_DOT_SEGMENT = '%2e%2e'.length;

/**
 * Resolves the URL of a callback. The expression that begins it gives the base, which is used unchanged. Every other
 * value is percent-encoded for its part of the URL, so it cannot add a path segment, a query parameter, a host or a
 * `..`.
 */
export function resolveCallbackUrl({ parts }: UrlTemplate, exchange: Exchange): ResolvedUrl {
  const [first, ...rest] = parts;
  if (first === undefined) return { url: '' };
  if (typeof first === 'string') return appendParts(parts, 'authority', exchange);
  const base = evaluateRuntimeExpression(first, exchange);
  if (base === undefined || base === '') return withoutValue(first, exchange, true);
  const reason = baseUrlIssue(base);
  if (reason !== undefined) return { unusable: first, reason };
  const appended = appendParts(rest, 'path', exchange);
  return 'url' in appended ? { url: joinBase(base, appended.url) } : appended;
}

/**
 * Joins strings and values.
 *
 * @param begin - the part of the URL that the first of them is in.
 */
function appendParts(parts: UrlTemplate['parts'], begin: UrlPart, exchange: Exchange): ResolvedUrl {
  let url = '';
  let urlPart = begin;
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') {
      url += part;
      urlPart = urlPartAfter(part, urlPart);
      continue;
    }
    const value = evaluateRuntimeExpression(part, exchange);
    if (value === undefined) return withoutValue(part, exchange, false);
    const encoded = encodeValue(value, urlPart);
    if (encoded === undefined) return { unusable: part, reason: `cannot be used in the ${urlPart} of a URL` };
    url += encoded;
    // A value and the text around it must not form a segment that goes up.
    if (urlPart === 'path' && encoded.length <= LONGEST_DOT_SEGMENT && endsInDotSegment(url, parts[index + 1])) {
      return { unusable: part, reason: 'would make a path segment of dots' };
    }
  }
  return { url };
}

function withoutValue(expression: RuntimeExpression, exchange: Exchange, begins: boolean): ResolvedUrl {
  const reason = valueIssue(expression, exchange);
  return reason === undefined ? { missing: expression, begins } : { unusable: expression, reason };
}

/** Encodes a value for this part of a URL; `undefined` if that is impossible. */
function encodeValue(value: string, urlPart: UrlPart): string | undefined {
  if (urlPart === 'authority') return HOST_LABEL.test(value) ? value : undefined;
  return value.isWellFormed() ? encodeURIComponent(value) : undefined;
}

/** Whether the last segment is `.` or `..`, in any spelling that a URL parser knows. */
function endsInDotSegment(url: string, next: string | RuntimeExpression | undefined): boolean {
  const following = typeof next === 'string' ? /^[^/?#]*/.exec(next)![0] : '';
  return DOT_SEGMENT.test(url.slice(url.lastIndexOf('/') + 1) + following);
}

/** Returns the part of the URL that the end of a literal is in. */
function urlPartAfter(literal: string, before: UrlPart): UrlPart {
  const rest = literal.replace(/^https?:\/\//i, '');
  if (before === 'fragment' || rest.includes('#')) return 'fragment';
  if (before === 'query' || rest.includes('?')) return 'query';
  return before === 'path' || rest.includes('/') ? 'path' : 'authority';
}

/** Inserts the rest between the path and the query of the base, and removes the fragment of the base. */
function joinBase(base: string, rest: string): string {
  const [, basePath = '', baseQuery = ''] = /^([^?#]*)(?:\?([^#]*))?/.exec(base) ?? [];
  const [, restPath = '', restQuery = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(rest) ?? [];
  const query = [baseQuery, restQuery].filter((part) => part !== '').join('&');
  return `${joinPath(basePath, restPath)}${query === '' ? '' : `?${query}`}${fragment}`;
}

function joinPath(base: string, rest: string): string {
  if (rest === '') return base;
  const start = withoutEndSlashes(base);
  // Without a slash, the rest would extend the host of a base that has no path.
  const hasPath = base.indexOf('/', base.indexOf('//') + 2) !== -1;
  const needsSlash = start !== base || !hasPath || rest.startsWith('/');
  return needsSlash ? `${start}/${rest.replace(/^\//, '')}` : base + rest;
}
