import { expandShorthand } from './expand-shorthand.js';
import { ExpressionSyntaxError } from './expression-syntax.error.js';
import { parseRuntimeExpression } from './parse-runtime-expression.js';
import { printRuntimeExpression } from './print-runtime-expression.js';
import type { RuntimeExpression } from './runtime-expression.js';

/** A URL made of literal text and runtime expressions. */
export interface UrlTemplate {
  /** Literals and expressions in their order; no two literals stand side by side. */
  readonly parts: readonly (string | RuntimeExpression)[];
  /** Whether the whole text is one expression without braces, the one place where a name can hold a brace. */
  readonly bare: boolean;
}

const EXPRESSION_IN_LITERAL = /\$(?:request|response)\./;

/**
 * Reads a callback's URL: literal text with any number of expressions in braces, or one bare expression. Inside
 * braces FastAPI's shorthand is accepted too.
 *
 * @throws ExpressionSyntaxError with the position in the whole text.
 */
export function parseUrlTemplate(text: string): UrlTemplate {
  if (text.startsWith('$')) return { parts: [parseRuntimeExpression(text)], bare: true };
  const parts: (string | RuntimeExpression)[] = [];
  let position = 0;
  while (position < text.length) {
    const open = text.indexOf('{', position);
    const literal = text.slice(position, open === -1 ? text.length : open);
    checkLiteral(text, literal, position);
    if (literal !== '') parts.push(literal);
    if (open === -1) break;
    const close = text.indexOf('}', open);
    if (close === -1) {
      throw new ExpressionSyntaxError(text, open, 'has a { that is never closed', 'Close the expression with }.');
    }
    parts.push(parseEmbedded(text, open, close));
    position = close + 1;
  }
  return { parts, bare: false };
}

/** Writes a template as the document's key: every expression in its valid form, in braces unless it is bare. */
export function printUrlTemplate({ parts, bare }: UrlTemplate): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const text = printRuntimeExpression(part);
      return bare ? text : `{${text}}`;
    })
    .join('');
}

function checkLiteral(text: string, literal: string, offset: number): void {
  const brace = literal.indexOf('}');
  if (brace !== -1) {
    const fix = 'Open the expression with {, or write a literal } as %7D.';
    throw new ExpressionSyntaxError(text, offset + brace, 'has a } that closes nothing', fix);
  }
  const expression = literal.search(EXPRESSION_IN_LITERAL);
  if (expression === -1) return;
  const fix = 'Put the expression in braces: {$request.…}.';
  throw new ExpressionSyntaxError(text, offset + expression, 'has an expression outside braces', fix);
}

function parseEmbedded(text: string, open: number, close: number): RuntimeExpression {
  const inner = text.slice(open + 1, close);
  if (!inner.startsWith('$')) {
    const fix = `A callback URL has no path parameters of its own: write {$request.path.${inner}}, {$request.query.${inner}} or {$request.body#/${inner}}.`;
    throw new ExpressionSyntaxError(text, open, `has {${inner}}, which is no runtime expression`, fix);
  }
  const expanded = expandShorthand(inner);
  try {
    return parseRuntimeExpression(expanded);
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    // A shorthand that was expanded has no positions of its own: its first character stands for it.
    const position = expanded === inner ? error.position : 0;
    throw new ExpressionSyntaxError(text, open + 1 + position, `has {${inner}}, which ${error.reason}`, error.fix);
  }
}
