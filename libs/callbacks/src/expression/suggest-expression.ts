import { ExpressionSyntaxError, parseRuntimeExpression } from './runtime-expression.js';

/** A message and its part, as Nest, Express, Fastify and other tools spell them. */
const SPELLING =
  /^(?:(?<message>req(?:uest)?|res(?:p|ponse)?)\.)?(?<part>body|headers?|query|params?|path|url|method|status(?:_?code)?)(?![\w-])(?<rest>.*)$/is;
/** The name of a query parameter. The name of a message alone does not say which part of it is meant. */
const IDENTIFIER = /^(?!(?:req(?:uest)?|res(?:p|ponse)?)$)[A-Za-z_][\w-]*$/i;
const COOKIE = /^\$?(?:req(?:uest)?\.)?(?:signed)?cookies?\./i;

/**
 * Returns the runtime expression that a string most likely means: one without its `$`, with extra braces or spaces, or
 * in the spelling of another tool (`$req.params.id`). Returns `undefined` if the string is ambiguous.
 */
export function suggestExpression(text: string): string | undefined {
  // The lookbehind keeps it linear for a string with thousands of spaces.
  const plain = text.replace(/^[\s{$]+|(?<![\s}])[\s}]+$/g, '');
  const { message = 'request', part, rest = '' } = SPELLING.exec(plain)?.groups ?? {};
  const isBareName = text.trim().startsWith('$') && IDENTIFIER.test(plain);
  if (part === undefined) return isBareName ? valid(`$request.query.${plain}`) : undefined;
  // `{url}` and `{body}` are usually names of parameters.
  if (rest === '' && plain.toLowerCase() === part.toLowerCase() && !text.includes('$')) return undefined;
  return valid(spell(message.toLowerCase().startsWith('req') ? 'request' : 'response', part.toLowerCase(), rest));
}

/** Whether a string is meant to read a cookie, which runtime expressions cannot do. */
export function readsCookie(text: string): boolean {
  return COOKIE.test(text.replace(/^[\s{]+/, ''));
}

function spell(message: string, part: string, rest: string): string {
  if (part === 'body') return `$${message}.body${pointerOf(rest)}`;
  if (part.startsWith('status')) return `$statusCode${rest}`;
  if (part === 'url' || part === 'method') return `$${part}${rest}`;
  const source = part.startsWith('header') ? 'header' : part === 'query' ? 'query' : 'path';
  const name = rest.replace(/^\.|^\[['"]?|['"]?\]$/g, '');
  // An expression with an empty name is valid, but never what the user means.
  return name === '' ? '' : `$${message}.${source}.${name}`;
}

/** Returns the JSON pointer, with its `#`, for what follows `body`: `.items[0].id`, `/id`, `#id`. */
function pointerOf(rest: string): string {
  if (rest === '') return '';
  const isPath = rest.startsWith('.') || rest.startsWith('[');
  const steps = rest.replace(/\[['"]?([^[\]'"]*)['"]?\]/g, '/$1').replace(/^[#./]+/, '');
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

const BRACES = /\$?\{([^{}]*)\}/g;

/** Returns what an invalid URL most likely means: `{request.body#/url}` lacks a `$`. */
export function suggestUrl(text: string): string {
  return text.replace(BRACES, (whole, inner: string) => {
    const suggestion = suggestExpression(inner);
    return suggestion === undefined ? whole : `{${suggestion}}`;
  });
}
