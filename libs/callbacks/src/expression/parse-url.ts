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
