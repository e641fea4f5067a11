import type { RuntimeExpression } from '../expression/runtime-expression.js';
import { groupBy } from './group-by.js';
import { nameExpression } from './name-expression.js';
import { indexesIn } from './split-url.js';
import type { UrlParameter } from './url-parameter.js';

/** Makes the parameter that stands for an expression. */
type MakeParameter = (expression: RuntimeExpression, name: string) => UrlParameter;

/** The parameters of the query of a callback's URL, in which `{0}` and the like stand for expressions. */
export function readQuery(
  query: string,
  expressions: readonly RuntimeExpression[],
  parameter: MakeParameter,
): UrlParameter[] {
  const parameters = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => readPair(pair, expressions, parameter));
  return [...groupBy(parameters, ({ name }) => name).values()].map((same) =>
    // A query parameter that comes several times is an array.
    same.length === 1 ? same[0]! : { ...same[0]!, schema: { type: 'array', items: { type: 'string' } } },
  );
}

function readPair(pair: string, expressions: readonly RuntimeExpression[], parameter: MakeParameter): UrlParameter {
  const [key = '', ...rest] = pair.split('=');
  const value = rest.join('=');
  // No document can say that a name varies: the name of what it varies with stands for it.
  const name = replaceMarks(decode(key), (index) => nameExpression(expressions[index]!).name);
  const [index, ...others] = indexesIn(value);
  if (index === undefined) {
    const [keyIndex] = indexesIn(key);
    if (keyIndex !== undefined) return parameter(expressions[keyIndex]!, name);
    return { name, schema: { type: 'string', enum: [decode(value)] } };
  }
  const made = parameter(expressions[index]!, name);
  if (value === `{${index}}`) return made;
  const sources = [made, ...others.map((other) => parameter(expressions[other]!, name))];
  const text = replaceMarks(decode(value), (other) => `{${nameExpression(expressions[other]!).name}}`);
  const phrases = sources.map(({ source }) => source!.phrase);
  const joined = phrases.join(' and ').replaceAll(/ (?:of|to) and /g, ' and ');
  const phrase = `\`${text}\`: ${joined}`;
  return { name, schema: { type: 'string' }, source: { phrase, title: made.source!.title } };
}

function replaceMarks(text: string, nameOf: (index: number) => string): string {
  return text.replace(/\{(\d+)\}/g, (_, index: string) => nameOf(Number(index)));
}

/** The text that a part of a query stands for; what is no encoding of anything stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
