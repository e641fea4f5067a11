/**
 * The URL that a string is, or `undefined`. Its parser removes and rewrites what it does not like: what matters of the string itself
 * must be checked before.
 */
export function parseUrl(text: string): URL | undefined {
  // Not `URL.canParse()`: that of Node.js 20 refuses `é` once it has been called often enough to be compiled.
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Whether a string is a URL of a server. */
export function hasHost(text: string): boolean {
  return (parseUrl(text)?.host ?? '') !== '';
}
