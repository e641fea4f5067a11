import { isIP, isIPv6 } from 'node:net';
import { parseUrl } from '../../expression/parse-url.js';

/** Names that a name server can resolve. Underscores, and hyphens at the ends, occur in real names. */
export const HOST_NAME = /^(?=.{1,253}\.?$)[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})*\.?$/;

/** A host as a URL spells it, or `*.` and a domain. */
export type HostPattern = string;

const ANY_SUBDOMAIN = '*.';

/** Parses `hooks.example`, `*.partner.example` or an IP address; `undefined` for anything else. */
export function parseHostPattern(text: string): HostPattern | undefined {
  const isWild = text.startsWith(ANY_SUBDOMAIN);
  const host = normalizeHost(isWild ? text.slice(ANY_SUBDOMAIN.length) : text);
  if (host === undefined || (isWild && isIP(host) !== 0)) return undefined;
  return isWild ? ANY_SUBDOMAIN + host : host;
}

/** Returns what a list of hosts must be, as the end of "an object whose `hosts` …". */
export function hostsIssue(value: unknown): string | undefined {
  const what = 'host names, such as "hooks.example" or "*.partner.example"';
  if (!Array.isArray(value)) return `is an array of ${what}`;
  const wrong = value.filter((item) => typeof item !== 'string' || parseHostPattern(item) === undefined);
  return wrong.length === 0
    ? undefined
    : `contains only ${what}, not ${wrong.map((item) => JSON.stringify(item)).join(', ')}`;
}

/**
 * Whether a list contains a host. `*.partner.example` matches every name below `partner.example`, at any depth, but not
 * that name itself.
 *
 * @param hostname - as the URL class spells it.
 */
export function isHostListed(hostname: string, patterns: readonly HostPattern[]): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  return patterns.some((pattern) =>
    pattern.startsWith(ANY_SUBDOMAIN)
      ? host.endsWith(pattern.slice(1)) && host.length >= pattern.length
      : host === pattern,
  );
}

function normalizeHost(text: string): string | undefined {
  if (/[\s/?#@%*\\]/.test(text) || (text.includes(':') && !isIPv6(text))) return undefined;
  const { hostname = '' } = parseUrl(`https://${isIPv6(text) ? `[${text}]` : text}`) ?? {};
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return HOST_NAME.test(hostname) ? hostname.replace(/\.$/, '') : undefined;
}

const LOCALHOST = /^(?:.+\.)?localhost\.?$/;

/** Whether a host name is `localhost` or a name below it. */
export function isLocalhost(hostname: string): boolean {
  return LOCALHOST.test(hostname);
}
