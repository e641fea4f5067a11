import { ExpressionSyntaxError } from './expression-syntax.error.js';
import { jsonPointerFault, parseJsonPointer } from './json-pointer.js';
import type { MessageName, RuntimeExpression } from './runtime-expression.js';

const SOURCES =
  'Use one of $url, $method, $statusCode, $request.… and $response.…, followed by header.…, query.…, path.… or body.';
const MESSAGE = /^\$(request|response)\./;
const TOKEN_CHARACTER = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/**
 * Parses one runtime expression, by the grammar of the OpenAPI specification, section "Runtime Expressions".
 *
 * @throws ExpressionSyntaxError with the position of the first invalid character.
 */
export function parseRuntimeExpression(text: string): RuntimeExpression {
  if (text === '$url' || text === '$method' || text === '$statusCode') {
    return { source: text.slice(1) as 'url' | 'method' | 'statusCode' };
  }
  const message = MESSAGE.exec(text);
  if (!message) {
    const position = text.startsWith('$') ? 1 : 0;
    throw new ExpressionSyntaxError(text, position, 'is not a runtime expression', SOURCES);
  }
  return parseSource(text, message[1] as MessageName, message[0].length);
}

function parseSource(text: string, message: MessageName, start: number): RuntimeExpression {
  const source = text.slice(start);
  if (source.startsWith('header.')) {
    return { source: 'header', message, name: parseToken(text, start + 'header.'.length) };
  }
  if (source.startsWith('query.')) return { source: 'query', message, name: source.slice('query.'.length) };
  if (source.startsWith('path.')) return { source: 'path', message, name: source.slice('path.'.length) };
  if (source === 'body') return { source: 'body', message };
  if (source.startsWith('body#')) {
    return { source: 'body', message, pointer: parsePointer(text, start + 'body#'.length) };
  }
  const reason = `does not name a part of the ${message}`;
  if (source.startsWith('body')) {
    const position = start + 'body'.length;
    const fix = `A part of the body is a JSON pointer: $${message}.body#/…`;
    throw new ExpressionSyntaxError(text, position, reason, fix);
  }
  const fix = `Use $${message}.header.…, $${message}.query.…, $${message}.path.… or $${message}.body#/…`;
  throw new ExpressionSyntaxError(text, start, reason, fix);
}

/** A header name is a `token` of RFC 9110, section 5.6.2: at least one character, no separators. */
function parseToken(text: string, start: number): string {
  const name = text.slice(start);
  for (const [index, character] of [...name].entries()) {
    if (TOKEN_CHARACTER.test(character)) continue;
    const fix = "A header name consists of letters, digits and !#$%&'*+-.^_`|~ only.";
    throw new ExpressionSyntaxError(text, start + index, 'has a character that is not allowed in a header name', fix);
  }
  if (name === '')
    throw new ExpressionSyntaxError(text, start, 'does not name a header', 'Write the name of the header.');
  return name;
}

function parsePointer(text: string, start: number): string[] {
  const pointer = text.slice(start);
  const fault = jsonPointerFault(pointer);
  if (fault === -1) return parseJsonPointer(pointer);
  const fix =
    fault === 0
      ? `A JSON pointer begins with a slash: ${text.slice(0, start)}/${pointer}`
      : 'In a JSON pointer ~ is written ~0 and / is written ~1.';
  throw new ExpressionSyntaxError(text, start + fault, 'has an invalid JSON pointer', fix);
}
