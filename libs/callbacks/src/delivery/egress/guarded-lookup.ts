import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { CallbackUrlError } from '../../errors/callback-url.error.js';
import type { EgressPolicy } from './egress-policy.js';
import { openEgress } from './open-egress.js';
import { addressIssue } from './address-issue.js';

/**
 * A lookup that fails if any address of a name is forbidden. A name with both public and private addresses is an attack
 * or a mistake. Using only the public ones would hide it, and later connections would depend on chance.
 */
export function guardLookup(lookup: LookupFunction, policy: EgressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, answer, family) => {
      if (error) return callback(error, '');
      const addresses = typeof answer === 'string' ? [{ address: answer, family: family ?? isIP(answer) }] : answer;
      const [first] = addresses;
      if (first === undefined) return callback(noAddress(hostname), '');
      for (const { address } of addresses) {
        const why = addressIssue(address, policy);
        if (why !== undefined) return callback(forbiddenName(hostname, address, why, policy), '');
      }
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function forbiddenName(host: string, address: string, why: string, policy: EgressPolicy): CallbackUrlError {
  const egress = openEgress(new URL(`https://${host}`), policy, [address]);
  const fix = `If ${address} is meant, set CallbacksModule.forRoot({ ${egress} }).`;
  return new CallbackUrlError(`it resolves to an address that is not allowed, ${why}`, { host, fix });
}

function noAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
}
