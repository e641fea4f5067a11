import type { RuntimeExpression } from '../expression/runtime-expression.js';

const INDEX = /^\d+$/;

/** The words that name a value in a document: what it is called, and how it is told from another of that name. */
export interface ExpressionName {
  /** `callback_url`, `id` */
  readonly name: string;
  /** `response_id`, `query_id` */
  readonly longName: string;
}

/** Names the value of an expression in letters, digits and `_` only, which every generator and router takes. */
export function nameExpression(expression: RuntimeExpression): ExpressionName {
  const name = wordOf(expression).replace(/\W+/g, '_') || expression.source;
  if (!('message' in expression)) return { name, longName: `request_${name}` };
  return { name, longName: `${expression.message === 'response' ? 'response' : expression.source}_${name}` };
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

/** Names expressions that stand beside each other, so that no two have the same name. */
export function nameExpressions(expressions: readonly RuntimeExpression[]): string[] {
  const taken = new Set<string>();
  return expressions.map((expression) => {
    const { name, longName } = nameExpression(expression);
    let free = taken.has(name) ? longName : name;
    for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
    taken.add(free);
    return free;
  });
}
