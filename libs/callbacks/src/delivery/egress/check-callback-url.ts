import { parseUrl } from '../../expression/parse-url.js';
import { isIP } from 'node:net';
import { CallbackUrlError } from '../../errors/callback-url.error.js';
import { STRAY_CHARACTER } from '../../expression/base-url-issue.js';
import type { EgressPolicy } from './egress-policy.js';
import { isLocalhost, openEgress } from './open-egress.js';
import { addressIssue } from './address-issue.js';
import { HOST_NAME, isHostListed } from './host-pattern.js';

/** All that a stranger is told: else a few requests would map which private ranges and ports are open. */
const FORBIDDEN = 'its host or port is not allowed';

const SCHEME_AND_AUTHORITY = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i;
/** `１２７` and `①` are digits to a URL parser, `。` is a dot: in a host, letters are all that is not ASCII. */
const STRANGE_IN_HOST = /[^\p{ASCII}\p{L}\p{M}]/u;

/**
 * Checks what can be known of a callback URL without connecting: that it is absolute, of a permitted scheme and port,
 * has no credentials, and that its host is one of `egress.hosts` and, if it is an IP address in any spelling, public or
 * allowed. The
 * addresses of a host name are checked while it is connected to.
 *
 * @throws CallbackUrlError that says why the URL cannot be used.
 */
export function checkCallbackUrl(text: string, policy: EgressPolicy): URL {
  // The URL class strips and rewrites what it does not like, so the text is read before it is.
  checkText(text, policy);
  const url = parse(text);
  if (!url.hostname.startsWith('[') && !HOST_NAME.test(url.hostname)) {
    throw new CallbackUrlError('its host is not a valid host name');
  }
  const detail = whyHostIsBlocked(url.hostname, policy) ?? whyPortIsBlocked(url.port, policy);
  if (detail !== undefined) throw new CallbackUrlError(FORBIDDEN, { detail, host: url.host, fix: fixOf(url, policy) });
  return url;
}

function checkText(text: string, policy: EgressPolicy): void {
  if (STRAY_CHARACTER.test(text)) {
    throw new CallbackUrlError('it has a space, a control character or a backslash in it');
  }
  const [, scheme, authority = ''] = SCHEME_AND_AUTHORITY.exec(text) ?? [];
  if (scheme === undefined) throw new CallbackUrlError('it is not an absolute URL (https://…)');
  checkScheme(scheme.toLowerCase(), text, policy);
  if (authority === '') throw new CallbackUrlError('it names no host');
  if (authority.includes('@')) throw new CallbackUrlError('it has credentials in it');
  if (authority.includes('%')) throw new CallbackUrlError('its host has a % in it');
  if (STRANGE_IN_HOST.test(authority) || authority.normalize('NFKC') !== authority) {
    throw new CallbackUrlError('its host is written with characters that stand for others');
  }
}

function checkScheme(scheme: string, text: string, policy: EgressPolicy): void {
  if (scheme === 'https' || (scheme === 'http' && policy.http)) return;
  const expected = policy.http ? 'https: or http:' : 'https:';
  const fix = scheme === 'http' ? fixOf(parse(text), policy) : undefined;
  throw new CallbackUrlError(`its scheme is not ${expected}`, fix === undefined ? {} : { fix });
}

/** All that the URL needs at once: its scheme, its port and its address would else be refused one after the other. */
function fixOf(url: URL, policy: EgressPolicy): string {
  return `If ${url.host} is meant, set CallbacksModule.forRoot({ ${openEgress(url, policy)} }).`;
}

function parse(text: string): URL {
  const url = parseUrl(text);
  if (!url) throw new CallbackUrlError('it cannot be read as a URL');
  return url;
}

function whyPortIsBlocked(port: string, { ports }: EgressPolicy): string | undefined {
  return port === '' || ports.has(port) ? undefined : `port ${port} is not allowed`;
}

function whyHostIsBlocked(hostname: string, policy: EgressPolicy): string | undefined {
  if (policy.hosts && !isHostListed(hostname, policy.hosts)) return `${hostname} is not in \`egress.hosts\``;
  const literal = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  if (isIP(literal) !== 0) return addressIssue(literal, policy);
  if (!isLocalhost(hostname)) return undefined;
  const isLoopbackAllowed = ['127.0.0.1', '::1'].some((address) => addressIssue(address, policy) === undefined);
  return isLoopbackAllowed ? undefined : `${hostname} is this machine`;
}
