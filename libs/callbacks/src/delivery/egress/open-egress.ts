import { isIP } from 'node:net';
import type { EgressOptions } from './egress-options.js';
import type { EgressPolicy } from './egress-policy.js';
import { addressIssue, isDenied } from './address-issue.js';
import { parseAddress, parseAddressRange } from './address-range.js';
import { isHostListed } from './host-pattern.js';

const LOCALHOST = /^(?:.+\.)?localhost\.?$/;

/** Whether a host name is `localhost` or a name below it. */
export function isLocalhost(hostname: string): boolean {
  return LOCALHOST.test(hostname);
}

/**
 * Writes the `egress` option that allows a URL, including the existing settings, as code:
 * `egress: { allow: ['127.0.0.1'], ports: [3001], http: true }`.
 *
 * @param addresses - the addresses of its host name, if they are known.
 */
export function openEgress(url: URL, policy: EgressPolicy, addresses: readonly string[] = []): string {
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
