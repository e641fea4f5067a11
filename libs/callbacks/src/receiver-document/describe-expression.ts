import type { RuntimeExpression } from '../expression/runtime-expression.js';
import { groupBy } from './group-by.js';

/** Where a value in the URL of a callback comes from. */
export interface ValueSource {
  /** What it is: "`id` of the body of". */
  readonly phrase: string;
  /** Of which operation: `POST /invoices`. */
  readonly title: string;
}

const INDEX = /^\d+$/;

/** Names the value of an expression in letters, digits and `_` only, which every generator and router takes: `id`. */
export function nameExpression(expression: RuntimeExpression): string {
  return wordOf(expression).replace(/\W+/g, '_') || expression.source;
}

/** Names expressions that stand beside each other, so that no two have the same name: `id`, `response_id`, `id_2`. */
export function nameExpressions(expressions: readonly RuntimeExpression[]): string[] {
  const taken = new Set<string>();
  return expressions.map((expression) => {
    const name = nameExpression(expression);
    let free = taken.has(name) ? `${prefixOf(expression)}_${name}` : name;
    for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
    taken.add(free);
    return free;
  });
}

function wordOf(expression: RuntimeExpression): string {
  switch (expression.source) {
    case 'url':
      return 'request_url';
    case 'method':
      return 'request_method';
    case 'statusCode':
      return 'status_code';
    case 'body': {
      const pointer = expression.pointer ?? [];
      // An index says nothing by itself: `#/urls/0` is urls_0.
      const start = pointer.findLastIndex((token) => !INDEX.test(token));
      return [...(start === -1 ? ['body'] : []), ...pointer.slice(Math.max(start, 0))].join('_');
    }
    default:
      return expression.name;
  }
}

function prefixOf(expression: RuntimeExpression): string {
  if (!('message' in expression)) return 'request';
  return expression.message === 'response' ? 'response' : expression.source;
}

/** Describes the value of an expression: "`id` of the body of", to be followed by the operation. */
export function describeExpression(expression: RuntimeExpression): string {
  switch (expression.source) {
    case 'url':
      return 'the URL of';
    case 'method':
      return 'the method of';
    case 'statusCode':
      return 'the status of the response to';
    case 'header':
      return `the header \`${expression.name}\` of${toResponse(expression)}`;
    case 'body': {
      const path = (expression.pointer ?? []).join('.');
      return `${path === '' ? '' : `\`${path}\` of `}the body of${toResponse(expression)}`;
    }
    default:
      return `\`${expression.name}\` of the ${expression.source} of${toResponse(expression)}`;
  }
}

function toResponse({ message }: { message: string }): string {
  return message === 'response' ? ' the response to' : '';
}

/** The sources of a value as a text: those that differ in their operation only are one phrase, of three at most. */
export function describeSources(sources: readonly ValueSource[]): string {
  const phrases = groupBy(sources, ({ phrase }) => phrase);
  return [...phrases]
    .map(([phrase, same]) => `${phrase} ${listTitles([...new Set(same.map(({ title }) => title))])}`)
    .join(', or ');
}

/** A shared callback can come from a thousand operations: three tell the reader which. */
export function listTitles(titles: readonly string[], most = 3, word = 'or'): string {
  if (titles.length > most) return `${titles.slice(0, most).join(', ')} and ${titles.length - most} more`;
  return [titles.slice(0, -1).join(', '), ...titles.slice(-1)].filter((text) => text !== '').join(` ${word} `);
}
