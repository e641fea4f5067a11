import type { CallbackOperation, WebhookOperation } from '../contract/callback-contract.js';
import { memoize } from '../message/memoize.js';

/** An operation that a receiver accepts. */
export type AcceptedOperation = CallbackOperation | WebhookOperation;

/** The pattern of a callback's URL, as the receiver sees it. */
interface Pattern {
  /** Matches the last segments of the path, or all of them. */
  readonly segments: readonly RegExp[];
  /** Whether other segments may precede: the path of a base URL that the test chose. */
  readonly hasBase: boolean;
  /** The required query parameters, each as `name=value`. */
  readonly query: readonly RegExp[];
  /** The length of the literal text. */
  readonly weight: number;
}

/** Replaces an expression in a template. It cannot occur in a URL. */
const VALUE = '\0';

const patternOf = memoize(makePattern);

/**
 * Returns the operations that a request can be for: of those with a matching HTTP method and URL, the ones with the
 * most literal text. If there are several, their URLs do not distinguish them.
 *
 * @param target - path and query of the request, as in its request line.
 */
export function matchOperations(
  operations: readonly AcceptedOperation[],
  httpMethod: string,
  target: string,
): AcceptedOperation[] {
  const { pathname, searchParams } = new URL(`http://receiver${target}`);
  const segments = pathname.slice(1).split('/').map(decodeText);
  const query = [...searchParams].map((pair) => pair.join('='));
  const fitting = operations.filter(
    (operation) =>
      operation.httpMethod === httpMethod.toLowerCase() &&
      fitsPath(patternOf(operation), segments) &&
      patternOf(operation).query.every((pair) => query.some((given) => pair.test(given))),
  );
  const most = Math.max(...fitting.map((operation) => patternOf(operation).weight));
  return fitting.filter((operation) => patternOf(operation).weight === most);
}

function fitsPath({ segments, hasBase }: Pattern, given: readonly string[]): boolean {
  const skipped = given.length - segments.length;
  if (hasBase ? skipped < 0 : skipped !== 0) return false;
  return segments.every((segment, index) => segment.test(given[skipped + index]!));
}

/** A webhook can be sent to any URL. */
function makePattern(operation: AcceptedOperation): Pattern {
  if ('webhook' in operation) return { segments: [], hasBase: true, query: [], weight: 0 };
  const text = operation.url.parts.map((part) => (typeof part === 'string' ? part : VALUE)).join('');
  const hasBase = text.startsWith(VALUE);
  const rest = hasBase ? text.slice(1) : text.replace(/^https?:\/\/[^/?#]*/i, '');
  const [, path = '', query = ''] = /^([^?#]*)\??([^#]*)/.exec(rest) ?? [];
  return {
    segments: hasBase ? segmentsAfterBase(path) : path.replace(/^\//, '').split('/').map(toSegment),
    hasBase,
    query: query.split('&').flatMap((pair) => (pair === '' ? [] : new RegExp(`^${sourceOf(pair, '.*')}$`, 's'))),
    weight: (path + query).replaceAll(VALUE, '').length,
  };
}

/** Matches the path after the base. Its first segment may continue the last one of the base. */
function segmentsAfterBase(path: string): RegExp[] {
  if (path === '') return [];
  const [glued = '', ...others] = path.split('/');
  const first = glued === '' ? [] : [new RegExp(`${sourceOf(glued, '.+')}$`, 's')];
  return [...first, ...others.map(toSegment)];
}

function toSegment(text: string): RegExp {
  return new RegExp(`^${sourceOf(text, '.+')}$`, 's');
}

/** Decodes literal text before it is compared, since there are many ways to percent-encode it. */
function sourceOf(text: string, value: string): string {
  return text
    .split(VALUE)
    .map((literal) => decodeText(literal).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join(value);
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
