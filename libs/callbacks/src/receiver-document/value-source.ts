import type { RuntimeExpression } from '../expression/runtime-expression.js';
import { groupBy } from './group-by.js';

/** Where a value in the URL of a callback comes from. */
export interface ValueSource {
  /** What it is: "`id` of the body of". */
  readonly phrase: string;
  /** Of which operation: `POST /invoices`. */
  readonly title: string;
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
function listTitles(titles: readonly string[]): string {
  if (titles.length > 3) return `${titles.slice(0, 3).join(', ')} and ${titles.length - 3} more`;
  return [titles.slice(0, -1).join(', '), ...titles.slice(-1)].filter((text) => text !== '').join(' or ');
}
