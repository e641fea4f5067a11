import { baseUrlIssue, STRAY_CHARACTER, STRAY_REASON, withoutEndSlashes } from './parse-url.js';
import { ExpressionSyntaxError, parseRuntimeExpression, printRuntimeExpression } from './runtime-expression.js';
import type { RuntimeExpression } from './runtime-expression.js';
import { readsCookie, suggestExpression } from './suggest-expression.js';

/** A URL that consists of literal text and runtime expressions. */
export interface UrlTemplate {
  /** Literals and expressions in order; two literals are never adjacent. */
  readonly parts: readonly (string | RuntimeExpression)[];
  /** Whether the whole string is one expression without braces. Only then can a name contain a brace. */
  readonly bare: boolean;
}

/** An expression in a literal: up to the end of its path segment, and only the first step of a pointer. */
const EXPRESSION_IN_LITERAL =
  /\$(?:(?:req(?:uest)?|res(?:ponse)?)\.(?:body#\/?[^/?&#\s]*|[^/?&#=\s]*)|(?:url|method|statusCode)(?![\w=-]))/i;
const PARAMETER_NAME = /^[:*/]*([\w.-]+)[?+*]?$/;
const ANY_SOURCE = 'Use an expression such as {$request.body#/id}, {$request.query.id} or {$request.path.id}.';

/**
 * Parses a callback's URL: literal text with any number of expressions in braces, or one bare expression. FastAPI's
 * shorthand is accepted inside braces.
 *
 * @throws ExpressionSyntaxError with the position in the whole string.
 */
export function parseUrlTemplate(text: string): UrlTemplate {
  if (text.startsWith('$') && !text.startsWith('${')) return { parts: [parseBare(text)], bare: true };
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
    checkAround(text, open, close);
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
    throw new ExpressionSyntaxError(text, offset + brace, 'has a } without a {', fix);
  }
  const found = EXPRESSION_IN_LITERAL.exec(literal);
  if (!found) return;
  const fix = expressionFix(found[0], 'Put the expression in braces: {$request.…}.');
  throw new ExpressionSyntaxError(text, offset + found.index, 'has an expression outside braces', fix);
}

/** Rejects `${…}`, as in JavaScript's template literals, and `{{…}}`, as in other templates. */
function checkAround(text: string, open: number, close: number): void {
  if (text[open - 1] === '$') {
    const fix = `${expressionFix(`$${text.slice(open + 1, close)}`, ANY_SOURCE)} A literal $ is written %24.`;
    throw new ExpressionSyntaxError(text, open - 1, 'has a $ before a brace', fix);
  }
  if (text[open + 1] === '{') {
    const fix = expressionFix(text.slice(open + 1, close), ANY_SOURCE);
    throw new ExpressionSyntaxError(text, open, 'has a { inside braces', fix);
  }
}

function parseBare(text: string): RuntimeExpression {
  try {
    return parseRuntimeExpression(text);
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    throw new ExpressionSyntaxError(text, error.position, error.reason, expressionFix(text, error.fix));
  }
}

function parseEmbedded(text: string, open: number, close: number): RuntimeExpression {
  const inner = text.slice(open + 1, close);
  if (!inner.startsWith('$') || inner.trimEnd() !== inner) {
    const fix = expressionFix(inner, describePlainName(inner));
    throw new ExpressionSyntaxError(text, open, `has {${inner}}, which is not a runtime expression`, fix);
  }
  const expanded = expandShorthand(inner);
  try {
    return parseRuntimeExpression(expanded);
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    // Positions in an expanded shorthand are not positions in the string: report its first character.
    const position = open + 1 + (expanded === inner ? error.position : 0);
    const fix = expressionFix(inner, error.fix);
    throw new ExpressionSyntaxError(text, position, `has {${inner}}, which ${error.reason}`, fix);
  }
}

/** Returns what to write instead: the expression that was probably meant, if there is one. */
function expressionFix(text: string, otherwise: string): string {
  if (readsCookie(text)) {
    return 'OpenAPI has no expression for a cookie. Let the client send the value as a header, as a query parameter or in the body, and read it from there.';
  }
  const suggestion = suggestExpression(text);
  return suggestion === undefined ? otherwise : `Write {${suggestion}}.`;
}

/** Returns what to write instead of `{id}`. */
function describePlainName(inner: string): string {
  const name = PARAMETER_NAME.exec(inner)?.[1];
  if (name === undefined) return ANY_SOURCE;
  return `A callback URL has no path parameters of its own: write {$request.path.${name}}, {$request.query.${name}} or {$request.body#/${name}}.`;
}

const IDENTIFIER = /^\$([A-Za-z_][\w-]*)$/;
const BODY_PATH = /^\$(request|response)\.body\.(.+)$/;
const KEYWORDS = new Set(['url', 'method', 'statusCode', 'request', 'response']);

/**
 * Expands the two shorthands of FastAPI: `$callback_url` becomes `$request.query.callback_url`, `$request.body.id`
 * becomes `$request.body#/id`. Any other string is returned unchanged.
 */
function expandShorthand(text: string): string {
  const identifier = IDENTIFIER.exec(text)?.[1];
  if (identifier !== undefined && !KEYWORDS.has(identifier)) return `$request.query.${identifier}`;
  const body = BODY_PATH.exec(text);
  if (body) return `$${body[1]}.body#/${body[2]!.replaceAll('.', '/')}`;
  return text;
}

/** Path, query and fragment of a URL. A `?` or `#` in braces belongs to an expression. */
const PARTS = /^((?:\{[^}]*\}|[^{?#])*)(?:\?((?:\{[^}]*\}|[^{#])*))?(#.*)?$/s;

/**
 * Joins the URL of a callback class and the path of a handler with exactly one `/`, before the query of the class. A
 * path that begins with `?` or `#` adds no `/`. If one of them is empty, the other is the whole URL. A bare expression
 * is put in braces if something is joined to it.
 */
export function joinUrl(url: string, path: string): string {
  const end = path.replace(/^\/+/, '');
  if (end === '') return url;
  if (url === '') return path;
  const [, start = inBraces(url), query = '', fragment = ''] = PARTS.exec(inBraces(url)) ?? [];
  const [, rest = inBraces(end), moreQuery = '', lastFragment = fragment] = PARTS.exec(inBraces(end)) ?? [];
  const whole = [query, moreQuery].filter((part) => part !== '').join('&');
  const addsPath = !/^[?#]/.test(path);
  return `${addsPath ? `${withoutEndSlashes(start)}/${rest}` : start}${whole === '' ? '' : `?${whole}`}${lastFragment}`;
}

function inBraces(text: string): string {
  return text.startsWith('$') ? `{${text}}` : text;
}

const WHOLE_AUTHORITY = /^https?:\/\/[^/?#]*[/?#]/i;
/** Matches a template whose expressions are written `{}`. An expression after a colon is the port. */
const HOST_ENDED_BY_VALUE = /^https?:\/\/[^/?#]*(?<!:)\{\}(?::|[/?#]|$)/i;

/** Returns why a template can never give a valid URL. A host that ends in an expression is not checked. */
export function urlTemplateIssue({ parts }: UrlTemplate): string | undefined {
  const [first] = parts;
  const isStray = parts.some((part) => typeof part === 'string' && STRAY_CHARACTER.test(part));
  if (isStray) return STRAY_REASON;
  const shape = parts.map((part) => (typeof part === 'string' ? part : '{}')).join('');
  if (HOST_ENDED_BY_VALUE.test(shape)) return 'ends its host with a value, which could change the host';
  const isKnown = typeof first === 'string' && (parts.length === 1 || WHOLE_AUTHORITY.test(first));
  return isKnown ? baseUrlIssue(first) : undefined;
}
