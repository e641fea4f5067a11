import { parseAddressRange } from './address-range.js';
import type { AddressRange } from './address-range.js';
import { egressIssue } from './egress-options.js';
import type { EgressOptions } from './egress-options.js';
import type { EgressResolver } from './names/egress-resolver.js';

/** `EgressOptions`, read once. */
export interface EgressPolicy {
  readonly allow: readonly AddressRange[];
  /** The ports beside the default of the scheme, as a URL spells them. */
  readonly ports: ReadonlySet<string>;
  readonly http: boolean;
  /** The app's own name look-up. */
  readonly resolver: EgressResolver | undefined;
  /** The options as the app wrote them. */
  readonly given: EgressOptions;
}

/**
 * Reads the options of the egress guard.
 *
 * @throws TypeError that names the option and what it expects.
 */
export function createEgressPolicy(options: EgressOptions = {}): EgressPolicy {
  const expected = egressIssue(options);
  if (expected !== undefined) throw new TypeError(`The option \`egress\` must be ${expected}.`);
  return {
    allow: (options.allow ?? []).map(parseAddressRange).filter((range) => range !== undefined),
    ports: new Set((options.ports ?? []).map(String)),
    http: options.http ?? false,
    resolver: options.resolver,
    given: options,
  };
}
