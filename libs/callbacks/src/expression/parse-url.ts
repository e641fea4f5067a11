import type { UrlTemplate } from './url-template.js';

/**
 * Parses a string as a URL, or returns `undefined`. The parser removes and rewrites characters, so checks of the string
 * itself must come first.
 */
export function parseUrl(text: string): URL | undefined {
  // Not `URL.canParse()`: in Node.js 20 it rejects `é` once it has been called often enough to be compiled.
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Whether a string is an `http:` or `https:` URL. */
export function hasHost(text: string): boolean {
  return (parseUrl(text)?.host ?? '') !== '';
}

/** Control and format characters, lone surrogates, every kind of space, and the backslash. */
export const STRAY_CHARACTER = /[\p{Cc}\p{Cf}\p{Cs}\p{Z}\\]/u;
const STRAY_REASON = 'contains a space, a control character or a backslash';
const HTTP_URL = /^https?:\/\/[^/?#]/i;
const WHOLE_AUTHORITY = /^https?:\/\/[^/?#]*[/?#]/i;
/** Matches a template whose expressions are written `{}`. An expression after a colon is the port. */
const HOST_ENDED_BY_VALUE = /^https?:\/\/[^/?#]*(?<!:)\{\}(?::|[/?#]|$)/i;

/**
 * Returns why a string cannot be the base of a callback URL. It checks the string itself, since the URL class rewrites
 * it.
 */
export function baseUrlIssue(base: string): string | undefined {
  if (STRAY_CHARACTER.test(base)) return STRAY_REASON;
  if (!HTTP_URL.test(base)) return 'is not an absolute http: or https: URL';
  const url = parseUrl(base);
  if (!url) return 'cannot be read as a URL';
  return url.username === '' && url.password === '' ? undefined : 'contains credentials';
}

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
