import { ExpressionSyntaxError } from './expression-syntax.error.js';
import { parseRuntimeExpression } from './parse-runtime-expression.js';

/** The message and its part, as Nest, Express, Fastify and other tools spell them. */
const SPELLING =
  /^(?:(?<message>req(?:uest)?|res(?:p|ponse)?)\.)?(?<part>body|headers?|query|params?|path|url|method|status(?:_?code)?)(?![\w-])(?<rest>.*)$/is;
/** The name of a query parameter; the name of a message alone says nothing of what is read of it. */
const IDENTIFIER = /^(?!(?:req(?:uest)?|res(?:p|ponse)?)$)[A-Za-z_][\w-]*$/i;
const COOKIE = /^\$?(?:req(?:uest)?\.)?(?:signed)?cookies?\./i;

/**
 * The runtime expression that a text most likely means: one without its `$`, in more braces than it needs, with blanks
 * around it, or in the spelling of another tool (`$req.params.id`). `undefined` if it may mean anything.
 */
export function suggestExpression(text: string): string | undefined {
  const plain = text.replace(/^[\s{$]+|[\s}]+$/g, '');
  const { message = 'request', part, rest = '' } = SPELLING.exec(plain)?.groups ?? {};
  const isBareName = text.trim().startsWith('$') && IDENTIFIER.test(plain);
  if (part === undefined) return isBareName ? valid(`$request.query.${plain}`) : undefined;
  // `{url}` and `{body}` are mostly the name of a parameter.
  if (rest === '' && plain.toLowerCase() === part.toLowerCase() && !text.includes('$')) return undefined;
  return valid(spell(message.toLowerCase().startsWith('req') ? 'request' : 'response', part.toLowerCase(), rest));
}

/** Whether a text is meant to read a cookie, which no runtime expression can. */
export function readsCookie(text: string): boolean {
  return COOKIE.test(text.replace(/^[\s{]+/, ''));
}

function spell(message: string, part: string, rest: string): string {
  if (part === 'body') return `$${message}.body${pointerOf(rest)}`;
  if (part.startsWith('status')) return `$statusCode${rest}`;
  if (part === 'url' || part === 'method') return `$${part}${rest}`;
  const source = part.startsWith('header') ? 'header' : part === 'query' ? 'query' : 'path';
  const name = rest.replace(/^\.|^\[['"]?|['"]?\]$/g, '');
  // What reads a name of nothing parses, and is meant by nobody.
  return name === '' ? '' : `$${message}.${source}.${name}`;
}

/** A JSON pointer with its `#`, of what follows `body`: `.items[0].id`, `/id`, `#id`. */
function pointerOf(rest: string): string {
  if (rest === '') return '';
  const isPath = rest.startsWith('.') || rest.startsWith('[');
  const steps = rest.replace(/\[['"]?([^\]'"]*)['"]?\]/g, '/$1').replace(/^[#./]+/, '');
  return `#/${(isPath ? steps.replaceAll('.', '/') : steps).replace(/~(?![01])/g, '~0')}`;
}

function valid(text: string): string | undefined {
  try {
    parseRuntimeExpression(text);
    return text;
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return undefined;
    throw error;
  }
}
