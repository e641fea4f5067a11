/**
 * Returns what `proxy` must be, as the end of "an object whose `proxy` …", or `undefined` if it is valid. It never
 * prints the password.
 */
export function proxyIssue(value: unknown): string | undefined {
  return typeof value === 'string' && parseProxy(value) !== undefined
    ? undefined
    : 'is the http: or https: URL of a proxy, without a path, such as "http://proxy.internal:3128"';
}

/** A parsed proxy URL. */
export interface Proxy {
  readonly isTls: boolean;
  readonly hostname: string;
  readonly port: number;
  /** The `Proxy-Authorization`, if the URL has credentials. */
  readonly authorization: string | undefined;
}

/** Parses the URL of a proxy, or returns `undefined`. */
export function parseProxy(text: string): Proxy | undefined {
  try {
    const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
    if ((protocol !== 'http:' && protocol !== 'https:') || pathname + search + hash !== '/') return undefined;
    const credentials = [username, password].map(decodeURIComponent).join(':');
    return {
      isTls: protocol === 'https:',
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      authorization: credentials === ':' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
    };
  } catch {
    return undefined;
  }
}
