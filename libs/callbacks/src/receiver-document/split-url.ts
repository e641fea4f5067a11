import type { RuntimeExpression } from '../expression/runtime-expression.js';
import type { UrlTemplate } from '../expression/url-template.js';

/** A callback's URL in the parts that OpenAPI keeps apart. `{0}` in a text stands for the first expression, and so on. */
export interface SplitUrl {
  /** Scheme and host, or the expression that stands for the whole beginning; empty where the URL is relative. */
  readonly base: string;
  /** Begins with a slash. */
  readonly path: string;
  /** Without its question mark; empty where there is none. */
  readonly query: string;
  readonly expressions: readonly RuntimeExpression[];
}

const PARTS = /^((?:[^/?#]*:\/\/)?[^/?#]*)([^?#]*)\??([^#]*)/;

/** Splits a callback's URL. A fragment is left out: no client sends it. */
export function splitUrl({ parts }: UrlTemplate): SplitUrl {
  const expressions = parts.filter((part) => typeof part !== 'string');
  let count = 0;
  // Literals hold no braces, so those in the text are the expressions'.
  const text = parts.map((part) => (typeof part === 'string' ? part : `{${count++}}`)).join('');
  const [, start = '', rest = '', query = ''] = PARTS.exec(text) ?? [];
  const isAbsolute = start.startsWith('{') || start.includes('://');
  const [base, path] = isAbsolute ? [start, rest] : ['', start + rest];
  return { base, path: path.startsWith('/') ? path : `/${path}`, query, expressions };
}

/** The indexes of the expressions in a part of a URL, in their order. */
export function indexesIn(text: string): number[] {
  return [...text.matchAll(/\{(\d+)\}/g)].map(([, index]) => Number(index));
}

/** A part of a URL with a name for each of its expressions. */
export function withNames(text: string, names: readonly string[]): string {
  let count = 0;
  return text.replace(/\{\d+\}/g, () => `{${names[count++]}}`);
}
