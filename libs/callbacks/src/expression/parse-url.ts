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

/** Whether a string is a URL with a host. */
export function hasHost(text: string): boolean {
  return (parseUrl(text)?.host ?? '') !== '';
}

/** Removes the slashes at the end. The lookbehind keeps it linear for a string with thousands of slashes elsewhere. */
export function withoutEndSlashes(text: string): string {
  return text.replace(/(?<!\/)\/+$/, '');
}

/** Control and format characters, lone surrogates, every kind of space, and the backslash. */
export const STRAY_CHARACTER = /[\p{Cc}\p{Cf}\p{Cs}\p{Z}\\]/u;
/** The reason to reject a URL with such a character, as the end of a sentence. */
export const STRAY_REASON = 'contains a space, a control character or a backslash';
const HTTP_URL = /^https?:\/\/[^/?#]/i;

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
