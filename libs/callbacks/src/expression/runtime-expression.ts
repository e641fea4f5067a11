import { jsonPointerFault, parseJsonPointer, printJsonPointer } from './json.js';

/** Which message of the exchange an expression reads: the request to your API, or its response. */
export type MessageName = 'request' | 'response';

/**
 * A parsed OpenAPI runtime expression.
 *
 * `name` and the tokens of `pointer` are decoded values: `~0` and `~1` of a JSON pointer are `~` and `/` here. A body
 * without a pointer (`$request.body`) has no `pointer`; `$request.body#` has an empty one. Both mean the whole body.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html#runtime-expressions
 */
export type RuntimeExpression =
  | { readonly source: 'url' | 'method' | 'statusCode' }
  | { readonly source: 'header' | 'query' | 'path'; readonly message: MessageName; readonly name: string }
  | { readonly source: 'body'; readonly message: MessageName; readonly pointer?: readonly string[] };

/** An expression that reads a header or a parameter. */
export type NamedExpression = Extract<RuntimeExpression, { name: string }>;

/** An expression that reads a body, or a value in it. */
export type BodyExpression = Extract<RuntimeExpression, { source: 'body' }>;

/**
 * A string is not a runtime expression or a URL template. The error says what is wrong, where, and what to write
 * instead.
 */
export class ExpressionSyntaxError extends Error {
  override readonly name = 'ExpressionSyntaxError';

  constructor(
    /** The whole string that was parsed. */
    readonly text: string,
    /** Zero-based index into `text` of the first invalid character. */
    readonly position: number,
    /** What is wrong, as the end of a sentence that begins with the string. */
    readonly reason: string,
    /** What to write instead, as a sentence. */
    readonly fix: string,
  ) {
    super(`${text} ${reason} (at position ${position})`);
  }
}

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
