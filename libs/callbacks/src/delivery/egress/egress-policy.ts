import { parseAddressRange, rangeWarning } from './address-range.js';
import type { AddressRules } from './address-issue.js';
import { egressIssue } from './egress-options.js';
import type { EgressOptions } from './egress-options.js';
import { parseHostPattern } from './host-pattern.js';
import type { HostPattern } from './host-pattern.js';
import type { EgressResolver } from './names/egress-resolver.js';
import { parseProxy } from './proxy-tunnel.js';
import type { Proxy } from './proxy-tunnel.js';
import { createSecureContexts } from './tls-options.js';
import type { SecureContexts } from './tls-options.js';

/** Parsed `EgressOptions`. */
export interface EgressPolicy extends AddressRules {
  /** The only hosts that may be called; all hosts if it is absent. */
  readonly hosts: readonly HostPattern[] | undefined;
  /** The allowed ports besides the default of the scheme, as strings. */
  readonly ports: ReadonlySet<string>;
  readonly http: boolean;
  readonly proxy: Proxy | undefined;
  readonly secureContextOf: SecureContexts;
  /** The app's own name lookup. */
  readonly resolver: EgressResolver | undefined;
  /** The options as the app wrote them. */
  readonly given: EgressOptions;
}

/**
 * Parses the options of the egress guard.
 *
 * @throws TypeError that names the option and what it expects.
 */
export function createEgressPolicy(options: EgressOptions = {}): EgressPolicy {
  const expected = egressIssue(options);
  if (expected !== undefined) throw new TypeError(`The option \`egress\` must be ${expected}.`);
  const { allow = [], deny = [], hosts, ports = [], http = false, proxy, tls = {}, resolver } = options;
  return {
    allow: allow.map(parseAddressRange).filter((range) => range !== undefined),
    deny: deny.map(parseAddressRange).filter((range) => range !== undefined),
    hosts: hosts?.map(parseHostPattern).filter((pattern) => pattern !== undefined),
    ports: new Set(ports.map(String)),
    http,
    proxy: proxy === undefined ? undefined : parseProxy(proxy),
    secureContextOf: createSecureContexts(tls),
    resolver,
    given: options,
  };
}

/** Likely mistakes in the options, as sentences. */
export function egressWarnings({ given }: Pick<EgressPolicy, 'given'>): string[] {
  return (['allow', 'deny'] as const).flatMap((name) =>
    (given[name] ?? []).flatMap((range) => {
      const warning = rangeWarning(range);
      return warning === undefined ? [] : [`The range ${range} of \`egress.${name}\` ${warning}.`];
    }),
  );
}
