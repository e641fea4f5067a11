import type { Exchange } from '../expression/exchange.js';
import { evaluateRuntimeExpression, valueIssue } from '../expression/evaluate-runtime-expression.js';
import type { RuntimeExpression } from '../expression/runtime-expression.js';
import type { UrlTemplate } from '../expression/url-template.js';
import { baseUrlIssue } from '../contract/base-url-issue.js';
import { memoize } from './memoize.js';

/** What becomes of a callback's URL in one exchange. */
export type ResolvedUrl =
  | { readonly url: string }
  /** An expression has no value in the exchange. Where it begins the URL, no callback was asked for. */
  | { readonly missing: RuntimeExpression; readonly begins: boolean }
  /** A value cannot stand where its expression stands; `reason` is the end of a sentence. */
  | { readonly unusable: RuntimeExpression; readonly reason: string };

/** The places of a URL that differ in what a value can do there. */
type Place = 'authority' | 'path' | 'query' | 'fragment';

/** An expression after the base, or after the literal that begins the URL. */
interface Slot {
  readonly expression: RuntimeExpression;
  readonly place: Place;
  /** What follows it in its path segment. */
  readonly following: string;
}

/** What is known of a template before there is an exchange. */
interface TemplatePlan {
  /** The expression that is the base, or the literal that begins the URL. */
  readonly first: string | RuntimeExpression | undefined;
  readonly rest: readonly (string | Slot)[];
  /** Whether the rest is a path that begins with a slash, without a query and a fragment. */
  readonly isSubpath: boolean;
}

/**
 * The base that nearly every receiver gives: a host name of letters and digits, perhaps a port and a path. It is a URL
 * without credentials, and that is known without parsing it. What does not match can be one all the same.
 */
const PLAIN_BASE = /^https?:\/\/(?:[a-z\d]+(?:-[a-z\d]+)*\.)+[a-z]+(?::\d{1,4})?(?:\/[\w.~!$&'()*+,;=:@%/-]*)?$/i;
/** Looks behind itself, so that a stranger's thousands of slashes are read once. */
const SLASHES_AT_END = /(?<!\/)\/+$/;
const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i;
const LONGEST_DOT_SEGMENT = '%2e%2e'.length;

const planOf = memoize(makePlan);

/**
 * Resolves the URL of a callback. The expression that begins it is the base and is taken as it is; every other value
 * is percent-encoded for the place it stands in, so that none can add a path segment, a query parameter, a host or a
 * `..`.
 */
export function resolveCallbackUrl(template: UrlTemplate, exchange: Exchange): ResolvedUrl {
  const { first, rest, isSubpath } = planOf(template);
  if (first === undefined) return { url: '' };
  if (typeof first === 'string') return appendParts(first, rest, exchange);
  const base = evaluateRuntimeExpression(first, exchange);
  if (base === undefined || base === '') return withoutValue(first, exchange, true);
  const isPlain = PLAIN_BASE.test(base);
  const fault = isPlain ? undefined : baseUrlIssue(base);
  if (fault !== undefined) return { unusable: first, reason: fault };
  if (isPlain && rest.length === 0) return { url: base };
  if (isPlain && isSubpath) return appendParts(withoutSlashes(base), rest, exchange);
  const appended = appendParts('', rest, exchange);
  return 'url' in appended ? { url: joinBase(base, appended.url) } : appended;
}

function makePlan({ parts }: UrlTemplate): TemplatePlan {
  const [first, ...others] = parts;
  let place: Place = typeof first === 'string' ? placeAfter(first, 'authority') : 'path';
  const rest = others.map((part, index) => {
    if (typeof part !== 'string') return { expression: part, place, following: segmentBegunBy(others[index + 1]) };
    place = placeAfter(part, place);
    return part;
  });
  const begin = typeof others[0] === 'string' ? others[0] : '';
  return { first, rest, isSubpath: place === 'path' && begin.startsWith('/') };
}

function appendParts(start: string, rest: TemplatePlan['rest'], exchange: Exchange): ResolvedUrl {
  let text = start;
  for (const part of rest) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const { expression, place, following } = part;
    const value = evaluateRuntimeExpression(expression, exchange);
    if (value === undefined) return withoutValue(expression, exchange, false);
    const encoded = encodeValue(value, place);
    if (encoded === undefined) return { unusable: expression, reason: `cannot stand in the ${place} of a URL` };
    text += encoded;
    // What a value and the text around it make together must not be a way up.
    if (place === 'path' && encoded.length <= LONGEST_DOT_SEGMENT && endsInDotSegment(text, following)) {
      return { unusable: expression, reason: 'makes a path segment of dots' };
    }
  }
  return { url: text };
}

function withoutValue(expression: RuntimeExpression, exchange: Exchange, begins: boolean): ResolvedUrl {
  const reason = valueIssue(expression, exchange);
  return reason === undefined ? { missing: expression, begins } : { unusable: expression, reason };
}

/** The text of a value that stays one value in its place, or `undefined` where there is none. */
function encodeValue(value: string, place: Place): string | undefined {
  if (place === 'authority') return HOST_LABEL.test(value) ? value : undefined;
  return value.isWellFormed() ? encodeURIComponent(value) : undefined;
}

/** Whether the segment that a value ends is `.` or `..`, in any spelling that a URL parser knows. */
function endsInDotSegment(text: string, following: string): boolean {
  return DOT_SEGMENT.test(text.slice(text.lastIndexOf('/') + 1) + following);
}

/** What a part that follows an expression adds to its path segment. */
function segmentBegunBy(part: string | RuntimeExpression | undefined): string {
  return typeof part === 'string' ? (/^[^/?#]*/.exec(part)?.[0] ?? '') : '';
}

/** The place that a value after a literal stands in. */
function placeAfter(literal: string, before: Place): Place {
  const rest = literal.replace(/^https?:\/\//i, '');
  if (before === 'fragment' || rest.includes('#')) return 'fragment';
  if (before === 'query' || rest.includes('?')) return 'query';
  return before === 'path' || rest.includes('/') ? 'path' : 'authority';
}

function withoutSlashes(base: string): string {
  return base.endsWith('/') ? base.replace(SLASHES_AT_END, '') : base;
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
  const start = withoutSlashes(base);
  // Without a path of its own, the base would let the rest change its host.
  const hasPath = base.indexOf('/', base.indexOf('//') + 2) !== -1;
  const needsSlash = start !== base || !hasPath || rest.startsWith('/');
  return needsSlash ? `${start}/${rest.replace(/^\//, '')}` : base + rest;
}
