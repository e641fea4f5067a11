import { printJsonPointer } from './json-pointer.js';
import type { RuntimeExpression } from './runtime-expression.js';

/** Writes an expression as the specification spells it. Parsing the result gives the same expression again. */
export function printRuntimeExpression(expression: RuntimeExpression): string {
  switch (expression.source) {
    case 'header':
    case 'query':
    case 'path':
      return `$${expression.message}.${expression.source}.${expression.name}`;
    case 'body': {
      const { message, pointer } = expression;
      return pointer === undefined ? `$${message}.body` : `$${message}.body#${printJsonPointer(pointer)}`;
    }
    default:
      return `$${expression.source}`;
  }
}
