import type { Exchange } from './exchange.js';
import { evaluateRuntimeExpression, valueIssue } from './evaluate-runtime-expression.js';
import type { RuntimeExpression } from './runtime-expression.js';
import type { UrlTemplate } from './url-template.js';
import { baseUrlIssue } from './base-url-issue.js';

/** What becomes of a callback's URL in one exchange. */
export type ResolvedUrl =
  | { readonly url: string }
  /** An expression has no value in the exchange. If it begins the URL, no callback was asked for. */
  | { readonly missing: RuntimeExpression; readonly begins: boolean }
  /** A value cannot be used at the position of its expression; `reason` is the end of a sentence. */
  | { readonly unusable: RuntimeExpression; readonly reason: string };

/** The parts of a URL, which differ in what a value can do there. */
type UrlPart = 'authority' | 'path' | 'query' | 'fragment';

/** Looks behind itself, so that a stranger's thousands of slashes are read once. */
const SLASHES_AT_END = /(?<!\/)\/+$/;
const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i;
const LONGEST_DOT_SEGMENT = '%2e%2e'.length;

/**
 * Resolves the URL of a callback. The expression that begins it is the base and is used as it is; every other value is
 * percent-encoded for its part of the URL, so that none can add a path segment, a query parameter, a host or a `..`.
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

/** Joins strings and values, the first of which is in this part of the URL. */
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
    if (encoded === undefined) return { unusable: part, reason: `cannot stand in the ${urlPart} of a URL` };
    url += encoded;
    // What a value and the text around it make together must not be a way up.
    if (urlPart === 'path' && encoded.length <= LONGEST_DOT_SEGMENT && endsInDotSegment(url, parts[index + 1])) {
      return { unusable: part, reason: 'makes a path segment of dots' };
    }
  }
  return { url };
}

function withoutValue(expression: RuntimeExpression, exchange: Exchange, begins: boolean): ResolvedUrl {
  const reason = valueIssue(expression, exchange);
  return reason === undefined ? { missing: expression, begins } : { unusable: expression, reason };
}

/** A value as it is written in this part of a URL, where it stays one value; `undefined` if it cannot. */
function encodeValue(value: string, urlPart: UrlPart): string | undefined {
  if (urlPart === 'authority') return HOST_LABEL.test(value) ? value : undefined;
  return value.isWellFormed() ? encodeURIComponent(value) : undefined;
}

/** Whether the segment that a value ends is `.` or `..`, in any spelling that a URL parser knows. */
function endsInDotSegment(url: string, next: string | RuntimeExpression | undefined): boolean {
  const following = typeof next === 'string' ? /^[^/?#]*/.exec(next)![0] : '';
  return DOT_SEGMENT.test(url.slice(url.lastIndexOf('/') + 1) + following);
}

/** The part of the URL that follows a literal. */
function urlPartAfter(literal: string, before: UrlPart): UrlPart {
  const rest = literal.replace(/^https?:\/\//i, '');
  if (before === 'fragment' || rest.includes('#')) return 'fragment';
  if (before === 'query' || rest.includes('?')) return 'query';
  return before === 'path' || rest.includes('/') ? 'path' : 'authority';
}

/** Puts what follows the base between its path and its query; the base's own fragment goes. */
function joinBase(base: string, rest: string): string {
  const [, basePath = '', baseQuery = ''] = /^([^?#]*)(?:\?([^#]*))?/.exec(base) ?? [];
  const [, restPath = '', restQuery = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(rest) ?? [];
  const query = [baseQuery, restQuery].filter((part) => part !== '').join('&');
  return `${joinPath(basePath, restPath)}${query === '' ? '' : `?${query}`}${fragment}`;
}

function joinPath(base: string, rest: string): string {
  if (rest === '') return base;
  const start = base.replace(SLASHES_AT_END, '');
  // Without a path of its own, the base would let the rest change its host.
  const hasPath = base.indexOf('/', base.indexOf('//') + 2) !== -1;
  const needsSlash = start !== base || !hasPath || rest.startsWith('/');
  return needsSlash ? `${start}/${rest.replace(/^\//, '')}` : base + rest;
}
