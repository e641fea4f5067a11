import { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';
import type { SecureContext } from 'node:tls';
import { nestedOptionsIssue } from '../../errors/option-issues.js';
import type { OptionChecks } from '../../errors/option-issues.js';
import { hostsIssue, isHostListed, parseHostPattern } from './host-pattern.js';

/** A client certificate that identifies the sender of callbacks (mutual TLS). */
export interface ClientCertificate {
  /** The hosts that get the certificate, as in `egress.hosts`. No other host sees it. */
  hosts: readonly string[];
  /** The certificate in PEM format, with its intermediate certificates. */
  cert: string | Buffer;
  /** Its private key in PEM format. */
  key: string | Buffer;
}

/** The certificates for TLS: whom to trust, and how receivers identify you. */
export interface EgressTlsOptions {
  /**
   * Certificates of authorities in PEM format that are trusted besides those of Node.js, for example of a partner or your
   * company.
   *
   * @default none
   */
  ca?: string | Buffer | readonly (string | Buffer)[];

  /**
   * Client certificates, each for certain hosts only. If a host matches two, the first one is used.
   *
   * @default []
   */
  clients?: readonly ClientCertificate[];
}

const CLIENT_CHECKS: OptionChecks<ClientCertificate> = {
  hosts: hostsIssue,
  cert: (value) => (isPem(value) ? undefined : 'is a certificate in PEM format'),
  key: (value) => (isPem(value) ? undefined : 'is a private key in PEM format'),
};

const CHECKS: OptionChecks<EgressTlsOptions> = {
  ca: (value) =>
    [value].flat().every(isCertificate) ? undefined : 'is a certificate in PEM format, or an array of certificates',
  clients: (value) => {
    if (!Array.isArray(value)) return 'is an array of { hosts, cert, key }';
    const issues = value.map(clientIssue).filter((issue) => issue !== undefined);
    return issues.length === 0 ? undefined : `is an array: each item must be ${issues.join(', and ')}`;
  },
};

/**
 * Returns what `tls` must be, as the end of "an object whose `tls` …", or `undefined` if it is valid. It never prints a
 * key.
 */
export function tlsIssue(value: unknown): string | undefined {
  const issue = nestedOptionsIssue(value, CHECKS);
  return issue === undefined ? undefined : `is ${issue}`;
}

function clientIssue(value: unknown): string | undefined {
  const given = Object(value) as Partial<Record<keyof ClientCertificate, unknown>>;
  // All of them are required.
  const whole = { ...given, hosts: given.hosts ?? null, cert: given.cert ?? null, key: given.key ?? null };
  const issue = nestedOptionsIssue(whole, CLIENT_CHECKS);
  if (issue !== undefined) return issue;
  try {
    tls.createSecureContext({ cert: given.cert as string, key: given.key as string });
    return undefined;
  } catch {
    return 'an object whose `key` belongs to its `cert`, both in PEM format';
  }
}

function isCertificate(value: unknown): boolean {
  try {
    return isPem(value) && new X509Certificate(value).subject !== undefined;
  } catch {
    return false;
  }
}

function isPem(value: unknown): value is string | Buffer {
  return (typeof value === 'string' || Buffer.isBuffer(value)) && value.includes('-----BEGIN ');
}

/** Returns the certificates to trust and to use for a host; `undefined` if it has none of its own. */
export type SecureContexts = (hostname: string) => SecureContext | undefined;

/** Reads the certificates once: reading those of Node.js takes milliseconds. */
export function createSecureContexts({ ca, clients = [] }: EgressTlsOptions): SecureContexts {
  const trusted = ca === undefined ? {} : { ca: [...defaultAuthorities(), ...[ca].flat()] };
  const usual = ca === undefined ? undefined : tls.createSecureContext(trusted);
  const contexts = clients.map(({ hosts, cert, key }) => ({
    hosts: hosts.map(parseHostPattern).filter((pattern) => pattern !== undefined),
    context: tls.createSecureContext({ ...trusted, cert, key }),
  }));
  return (hostname) => contexts.find(({ hosts }) => isHostListed(hostname, hosts))?.context ?? usual;
}

/** Node.js 20 cannot list those of NODE_EXTRA_CA_CERTS. */
function defaultAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default') ?? tls.rootCertificates;
}
