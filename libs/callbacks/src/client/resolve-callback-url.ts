import type { Exchange } from '../expression/exchange.js';
import { evaluateRuntimeExpression } from '../expression/evaluate-runtime-expression.js';
import type { RuntimeExpression } from '../expression/runtime-expression.js';
import type { UrlTemplate } from '../expression/url-template.js';

/** What becomes of a callback's URL in one exchange. */
export type ResolvedUrl =
  | { readonly url: string }
  /** An expression has no value in the exchange. Where it begins the URL, no callback was asked for. */
  | { readonly missing: RuntimeExpression; readonly begins: boolean }
  /** A value cannot stand where its expression stands; `reason` is the end of a sentence. */
  | { readonly unusable: RuntimeExpression; readonly reason: string };

/** The places of a URL that differ in what a value can do there. */
type Place = 'authority' | 'path' | 'query' | 'fragment';

const STRAY_CHARACTER = /[\p{Cc}\p{Cf}\p{Cs}\p{Z}\\]/u;
const HTTP_URL = /^https?:\/\/[^/?#]/i;
const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i;

/**
 * Resolves the URL of a callback. The expression that begins it is the base and is taken as it is; every other value
 * is percent-encoded for the place it stands in, so that none can add a path segment, a query parameter, a host or a
 * `..`.
 */
export function resolveCallbackUrl({ parts }: UrlTemplate, exchange: Exchange): ResolvedUrl {
  const [first, ...others] = parts;
  if (first === undefined) return { url: '' };
  if (typeof first === 'string') return appendParts(first, others, placeAfter(first, 'authority'), exchange);
  const base = evaluateRuntimeExpression(first, exchange);
  if (base === undefined || base === '') return { missing: first, begins: true };
  const fault = whyNoBase(base);
  if (fault !== undefined) return { unusable: first, reason: fault };
  if (others.length === 0) return { url: base };
  const rest = appendParts('', others, 'path', exchange);
  return 'url' in rest ? { url: joinBase(base, rest.url) } : rest;
}

/** Why a text cannot be the base of a callback URL. The URL class strips and rewrites: the text is read before it is. */
function whyNoBase(base: string): string | undefined {
  if (STRAY_CHARACTER.test(base)) return 'has a space, a control character or a backslash in it';
  if (!HTTP_URL.test(base)) return 'is not an absolute http: or https: URL';
  if (!URL.canParse(base)) return 'cannot be read as a URL';
  const { username, password } = new URL(base);
  return username === '' && password === '' ? undefined : 'has credentials in it';
}

function appendParts(start: string, parts: UrlTemplate['parts'], from: Place, exchange: Exchange): ResolvedUrl {
  let text = start;
  let place = from;
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') {
      text += part;
      place = placeAfter(part, place);
      continue;
    }
    const value = evaluateRuntimeExpression(part, exchange);
    if (value === undefined) return { missing: part, begins: false };
    const encoded = encodeValue(value, place);
    if (encoded === undefined) return { unusable: part, reason: `cannot stand in the ${place} of a URL` };
    text += encoded;
    // What a value and the text around it make together must not be a way up.
    if (place === 'path' && endsInDotSegment(text, parts[index + 1])) {
      return { unusable: part, reason: 'makes a path segment of dots' };
    }
  }
  return { url: text };
}

/** The text of a value that stays one value in its place, or `undefined` where there is none. */
function encodeValue(value: string, place: Place): string | undefined {
  if (place === 'authority') return HOST_LABEL.test(value) ? value : undefined;
  return value.isWellFormed() ? encodeURIComponent(value) : undefined;
}

/** Whether the segment that a value ends is `.` or `..`, in any spelling that a URL parser knows. */
function endsInDotSegment(text: string, next: string | RuntimeExpression | undefined): boolean {
  const following = typeof next === 'string' ? (/^[^/?#]*/.exec(next)?.[0] ?? '') : '';
  return DOT_SEGMENT.test(text.slice(text.lastIndexOf('/') + 1) + following);
}

/** The place that a value after a literal stands in. */
function placeAfter(literal: string, before: Place): Place {
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
  // Without a path of its own, the base would let the rest change its host.
  const hasPath = base.indexOf('/', base.indexOf('//') + 2) !== -1;
  if (!hasPath) return `${base}/${rest.replace(/^\//, '')}`;
  return base.endsWith('/') ? base + rest.replace(/^\//, '') : base + rest;
}
