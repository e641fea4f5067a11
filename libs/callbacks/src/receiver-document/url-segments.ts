import type { RuntimeExpression } from '../expression/runtime-expression.js';
import type { UrlTemplate } from '../expression/url-template.js';

/** A piece of a URL: literal text, or an expression. */
export type Segment = string | RuntimeExpression;

/** A callback's URL in the parts that OpenAPI distinguishes. */
export interface SplitUrl {
  /** Scheme and host, or the expression that replaces them; empty if the URL is relative. */
  readonly base: readonly Segment[];
  /** Begins with a slash. */
  readonly path: readonly Segment[];
  /** Without its question mark; empty without a query. */
  readonly query: readonly Segment[];
}

/** Splits a callback's URL. The fragment is dropped, because HTTP clients do not send it. */
export function splitUrl({ parts }: UrlTemplate): SplitUrl {
  const [start, rest] = cutBase(parts);
  const [path, afterPath] = cut(rest, /[?#]/);
  const [query] = cut(dropFirst(afterPath, '?'), /#/);
  const isAbsolute = typeof start[0] === 'object' || joinSegments(start, () => '').includes('://');
  const [base, whole] = isAbsolute ? [start, path] : [[], join(start, path)];
  const [first] = whole;
  return { base, path: typeof first === 'string' && first.startsWith('/') ? whole : join(['/'], whole), query };
}

export function expressionsIn(segments: readonly Segment[]): RuntimeExpression[] {
  return segments.filter((segment) => typeof segment !== 'string');
}

/** Whether segments consist of exactly one expression. */
export function isExpression(segments: readonly Segment[]): boolean {
  return segments.length === 1 && typeof segments[0] === 'object';
}

/** Joins segments, with the names of their expressions in braces. */
export function withNames(segments: readonly Segment[], names: readonly string[]): string {
  let count = 0;
  return joinSegments(segments, () => `{${names[count++]}}`);
}

export function joinSegments(segments: readonly Segment[], nameOf: (expression: RuntimeExpression) => string): string {
  return segments.map((segment) => (typeof segment === 'string' ? segment : nameOf(segment))).join('');
}

/** Splits segments at the separators in their literals. */
export function splitAt(segments: readonly Segment[], separator: string): Segment[][] {
  const all: Segment[][] = [[]];
  for (const segment of segments) {
    const [first, ...others] = typeof segment === 'string' ? segment.split(separator) : [segment];
    if (first !== '') all.at(-1)!.push(first!);
    for (const other of others) all.push(other === '' ? [] : [other]);
  }
  return all;
}

/** Splits segments before the first of these characters in a literal. */
export function cut(segments: readonly Segment[], characters: RegExp): [before: Segment[], from: Segment[]] {
  const position = (segment: Segment) => (typeof segment === 'string' ? segment.search(characters) : -1);
  const index = segments.findIndex((segment) => position(segment) !== -1);
  const found = segments[index];
  if (typeof found !== 'string') return [[...segments], []];
  const [before, from] = [found.slice(0, position(found)), found.slice(position(found))];
  return [join(segments.slice(0, index), [before]), [from, ...segments.slice(index + 1)]];
}

/** Splits off scheme and host. The slashes after a scheme do not end them. */
function cutBase(segments: readonly Segment[]): [Segment[], Segment[]] {
  const [start, rest] = cut(segments, /[/?#]/);
  const last = start.at(-1);
  const [next] = rest;
  const isScheme = typeof last === 'string' && last.endsWith(':') && typeof next === 'string' && next.startsWith('//');
  if (!isScheme) return [start, rest];
  const [host, path] = cut(dropFirst(rest, '//'), /[/?#]/);
  return [join(join(start, ['//']), host), path];
}

/** Removes a string from the beginning of segments, if they begin with it. */
export function dropFirst([first, ...others]: readonly Segment[], text: string): Segment[] {
  if (typeof first !== 'string' || !first.startsWith(text)) return first === undefined ? [] : [first, ...others];
  return join([first.slice(text.length)], others);
}

/** Joins segments without empty segments or adjacent literals. */
function join(one: readonly Segment[], other: readonly Segment[]): Segment[] {
  const [last, first] = [one.at(-1), other[0]];
  if (last === '') return join(one.slice(0, -1), other);
  if (first === '') return join(one, other.slice(1));
  if (typeof last === 'string' && typeof first === 'string')
    return [...one.slice(0, -1), last + first, ...other.slice(1)];
  return [...one, ...other];
}
