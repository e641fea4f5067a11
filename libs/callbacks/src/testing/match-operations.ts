import type { CallbackOperation, WebhookOperation } from '../contract/callback-contract.js';
import { memoize } from '../message/memoize.js';

/** An operation that a receiver can get. */
export type SentOperation = CallbackOperation | WebhookOperation;

/** What the URL of a callback looks like from its receiver's side. */
interface Pattern {
  /** The last segments of the path, or all of them. */
  readonly segments: readonly RegExp[];
  /** Whether other segments can stand before: the path of a base that the test chose. */
  readonly hasBase: boolean;
  /** What has to be among the query parameters, each as `name=value`. */
  readonly query: readonly RegExp[];
  /** How much of the URL is literal text. */
  readonly weight: number;
}

/** Stands for an expression in the text of a template: no URL holds it. */
const VALUE = '\0';

const patternOf = memoize(makePattern);

/**
 * The operations that a request can be meant for: of those whose HTTP method and URL it fits, the ones with the most
 * literal text. More than one are alike, and nothing in the request tells them apart.
 *
 * @param target - path and query of the request, as HTTP has them.
 */
export function matchOperations(
  operations: readonly SentOperation[],
  httpMethod: string,
  target: string,
): SentOperation[] {
  const { pathname, searchParams } = new URL(`http://receiver${target}`);
  const segments = pathname.slice(1).split('/').map(decode);
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
function makePattern(operation: SentOperation): Pattern {
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

/** What stands after the base: segments of its own, the first of which can be glued to the last one of the base. */
function segmentsAfterBase(path: string): RegExp[] {
  if (path === '') return [];
  const [glued = '', ...others] = path.split('/');
  const first = glued === '' ? [] : [new RegExp(`${sourceOf(glued, '.+')}$`, 's')];
  return [...first, ...others.map(toSegment)];
}

function toSegment(text: string): RegExp {
  return new RegExp(`^${sourceOf(text, '.+')}$`, 's');
}

/** Literal text is compared decoded: percent-encoding can be written in many ways. */
function sourceOf(text: string, value: string): string {
  return text
    .split(VALUE)
    .map((literal) => decode(literal).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join(value);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
