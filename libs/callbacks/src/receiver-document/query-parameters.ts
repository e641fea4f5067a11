import type { RuntimeExpression } from '../expression/runtime-expression.js';
import type { SchemaObject } from '../openapi/openapi-types.js';
import { nameExpression } from './describe-expression.js';
import type { ValueSource } from './describe-expression.js';
import { groupBy } from './group-by.js';
import { cut, dropFirst, expressionsIn, isExpression, splitAt, joinSegments } from './url-segments.js';
import type { Segment } from './url-segments.js';

/** A parameter for a value in the URL of a callback. */
export interface UrlParameter {
  readonly name: string;
  readonly schema: SchemaObject;
  /** The source of the value. A literal has none. */
  readonly source?: ValueSource;
}

/** Creates the parameter for an expression. */
type MakeParameter = (expression: RuntimeExpression, name: string) => UrlParameter & { source: ValueSource };

/** Returns the parameters in the query of a callback's URL. */
export function queryParameters(query: readonly Segment[], parameter: MakeParameter): UrlParameter[] {
  const pairs = splitAt(query, '&').filter((pair) => pair.length > 0);
  const parameters = pairs.map((pair) => readPair(pair, parameter));
  return [...groupBy(parameters, ({ name }) => name).values()].map((same) =>
    // A repeated query parameter is an array.
    same.length === 1 ? same[0]! : { ...same[0]!, schema: { type: 'array', items: { type: 'string' } } },
  );
}

function readPair(pair: readonly Segment[], parameter: MakeParameter): UrlParameter {
  const [key, rest] = cut(pair, /=/);
  const value = dropFirst(rest, '=');
  // OpenAPI cannot describe a variable name, so the parameter is named after the expression in its name.
  const name = joinSegments(decodeSegments(key), nameExpression);
  const [first, ...others] = expressionsIn(value);
  if (first === undefined) {
    const [inKey] = expressionsIn(key);
    if (inKey !== undefined) return parameter(inKey, name);
    return { name, schema: { type: 'string', enum: [joinSegments(decodeSegments(value), nameExpression)] } };
  }
  const made = parameter(first, name);
  if (isExpression(value)) return made;
  const sources = [made, ...others.map((other) => parameter(other, name))].map(({ source }) => source.phrase);
  const text = joinSegments(decodeSegments(value), (expression) => `{${nameExpression(expression)}}`);
  const phrase = `\`${text}\`, with ${sources.join(' and ').replaceAll(/ (?:of|to) and /g, ' and ')}`;
  return { name, schema: { type: 'string' }, source: { phrase, title: made.source.title } };
}

/** Decodes the strings of a part of a query. If one of them cannot be decoded, all are returned unchanged. */
function decodeSegments(segments: readonly Segment[]): readonly Segment[] {
  try {
    return segments.map((segment) =>
      typeof segment === 'string' ? decodeURIComponent(segment.replaceAll('+', ' ')) : segment,
    );
  } catch {
    return segments;
  }
}
