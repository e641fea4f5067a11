import { isIP } from 'node:net';
import { CallbackUrlError } from '../../errors/callback.errors.js';
import { parseUrl, STRAY_CHARACTER } from '../../expression/parse-url.js';
import type { EgressPolicy, EgressOptions } from './egress.options.js';
import { addressIssue, isDenied, parseAddress, parseAddressRange } from './ip-address.js';
import { HOST_NAME, isHostListed, isLocalhost } from './host-pattern.js';

/** The only reason that clients see. Otherwise a few requests could map which private ranges and ports are open. */
const FORBIDDEN = 'its host or port is not allowed';

const SCHEME_AND_AUTHORITY = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i;
/**
 * A URL parser reads `１２７` and `①` as digits and `。` as a dot. Outside of ASCII, only letters are accepted in a host.
 */
const STRANGE_IN_HOST = /[^\p{ASCII}\p{L}\p{M}]/u;

/**
 * Checks a callback URL as far as possible without connecting: it must be absolute, have an allowed scheme and port and
 * no credentials, and its host must be one of `egress.hosts`. A host that is an IP address, in any notation, must be
 * public or allowed. The addresses of a host name are checked when it is connected to.
 *
 * @throws CallbackUrlError that says why the URL cannot be used.
 */
export function checkCallbackUrl(text: string, policy: EgressPolicy): URL {
  // The string itself is checked first, since the URL class removes and rewrites characters.
  checkText(text, policy);
  const url = parseCallbackUrl(text);
  if (!url.hostname.startsWith('[') && !HOST_NAME.test(url.hostname)) {
    throw new CallbackUrlError('its host is not a valid host name');
  }
  const detail = whyHostIsBlocked(url.hostname, policy) ?? whyPortIsBlocked(url.port, policy);
  if (detail !== undefined)
    throw new CallbackUrlError(FORBIDDEN, { detail, host: url.host, fix: egressFix(url, policy) });
  return url;
}

function checkText(text: string, policy: EgressPolicy): void {
  if (STRAY_CHARACTER.test(text)) {
    throw new CallbackUrlError('it contains a space, a control character or a backslash');
  }
  const [, scheme, authority = ''] = SCHEME_AND_AUTHORITY.exec(text) ?? [];
  if (scheme === undefined) throw new CallbackUrlError('it is not an absolute URL (https://…)');
  checkScheme(scheme.toLowerCase(), text, policy);
  if (authority === '') throw new CallbackUrlError('it has no host');
  if (authority.includes('@')) throw new CallbackUrlError('it contains credentials');
  if (authority.includes('%')) throw new CallbackUrlError('its host contains a %');
  if (STRANGE_IN_HOST.test(authority) || authority.normalize('NFKC') !== authority) {
    throw new CallbackUrlError('its host contains characters that are replaced by others');
  }
}

function checkScheme(scheme: string, text: string, policy: EgressPolicy): void {
  if (scheme === 'https' || (scheme === 'http' && policy.http)) return;
  const expected = policy.http ? 'https: or http:' : 'https:';
  const fix = scheme === 'http' ? egressFix(parseCallbackUrl(text), policy) : undefined;
  throw new CallbackUrlError(`its scheme is not ${expected}`, fix === undefined ? {} : { fix });
}

function parseCallbackUrl(text: string): URL {
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

/**
 * Names all options that a URL needs. Otherwise its scheme, port and address would be rejected one after the other.
 *
 * @param address - the address of its host name that is not allowed, if it is known.
 */
export function egressFix(url: URL, policy: EgressPolicy, address?: string): string {
  const egress = openEgress(url, policy, address === undefined ? [] : [address]);
  return `If ${address ?? url.host} is meant, set CallbacksModule.forRoot({ ${egress} }).`;
}

/**
 * Writes the `egress` option that allows a URL, including the existing settings, as code:
 * `egress: { allow: ['127.0.0.1'], ports: [3001], http: true }`.
 *
 * @param addresses - addresses of its host name to allow.
 */
function openEgress(url: URL, policy: EgressPolicy, addresses: readonly string[]): string {
  const { ports, hosts, given } = policy;
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const own = isLocalhost(url.hostname) ? ['127.0.0.1', '::1'] : isIP(literal) === 0 ? [] : [literal];
  const meant = [...own, ...addresses];
  const deny = given.deny?.filter((range) => !meant.some((address) => addressIn(address, range)));
  const blocked = meant.filter((address) => addressIssue(address, { allow: policy.allow, deny: [] }) !== undefined);
  const isKnownPort = url.port === '' || ports.has(url.port);
  const whole: EgressOptions = {
    ...given,
    ...(blocked.length === 0 ? {} : { allow: [...new Set([...(given.allow ?? []), ...blocked])] }),
    ...(deny && { deny }),
    ...(hosts && !isHostListed(url.hostname, hosts) ? { hosts: [...(given.hosts ?? []), literal] } : {}),
    ...(isKnownPort ? {} : { ports: [...(given.ports ?? []), Number(url.port)] }),
    ...(url.protocol === 'http:' ? { http: true } : {}),
  };
  const options = Object.entries(whole).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  // A function cannot be written, and a password or a private key must not be. The app has its own name for them.
  const text = ([name, value]: [string, unknown]) =>
    name === 'proxy' || name === 'tls' || typeof value === 'function' ? name : `${name}: ${write(value)}`;
  return `egress: { ${options.map(text).join(', ')} }`;
}

function addressIn(address: string, range: string): boolean {
  const [parsed, denied] = [parseAddress(address), parseAddressRange(range)];
  return parsed !== undefined && denied !== undefined && isDenied(parsed, [denied]);
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}
