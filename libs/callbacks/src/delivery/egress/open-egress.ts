import { isIP } from 'node:net';
import type { EgressOptions } from './egress-options.js';
import type { EgressPolicy } from './egress-policy.js';
import { addressIssue } from './address-issue.js';

const LOCALHOST = /^(?:.+\.)?localhost\.?$/;

/** Whether a host name is one of this machine. */
export function isLocalhost(hostname: string): boolean {
  return LOCALHOST.test(hostname);
}

/**
 * The whole option that lets a URL be called, with all that is allowed already, as it is written in the code of the app:
 * `egress: { allow: ['127.0.0.1'], ports: [3001], http: true }`.
 *
 * @param addresses - what its host name resolves to, if that is known.
 */
export function openEgress(url: URL, { allow, ports, given }: EgressPolicy, addresses: readonly string[] = []): string {
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const own = isLocalhost(url.hostname) ? ['127.0.0.1', '::1'] : isIP(literal) === 0 ? [] : [literal];
  const blocked = [...own, ...addresses].filter((address) => addressIssue(address, allow) !== undefined);
  const isKnownPort = url.port === '' || ports.has(url.port);
  const whole: EgressOptions = {
    ...given,
    ...(blocked.length === 0 ? {} : { allow: [...new Set([...(given.allow ?? []), ...blocked])] }),
    ...(isKnownPort ? {} : { ports: [...(given.ports ?? []), Number(url.port)] }),
    ...(url.protocol === 'http:' ? { http: true } : {}),
  };
  const options = Object.entries(whole).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return `egress: { ${options.map(([name, value]) => (typeof value === 'function' ? name : `${name}: ${write(value)}`)).join(', ')} }`;
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}
