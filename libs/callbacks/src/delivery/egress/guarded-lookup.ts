import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { CallbackUrlError } from '../../contract/callback-url.error.js';
import type { EgressPolicy } from './egress-policy.js';
import { whyAddressIsBlocked } from './why-address-is-blocked.js';

/**
 * A lookup that fails as soon as one address of a name is forbidden. A name with public and private addresses is an
 * attack, or a mistake: picking the public ones would leave it to chance what is connected to later.
 */
export function guardLookup(lookup: LookupFunction, policy: EgressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, answer, family) => {
      if (error) return callback(error, '');
      const addresses = typeof answer === 'string' ? [{ address: answer, family: family ?? isIP(answer) }] : answer;
      const [first] = addresses;
      if (first === undefined) return callback(noAddress(hostname), '');
      for (const { address } of addresses) {
        const why = whyAddressIsBlocked(address, policy.allow);
        if (why !== undefined) return callback(forbiddenName(hostname, why), '');
      }
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function forbiddenName(host: string, why: string): CallbackUrlError {
  const fix = 'If the address is meant, name it in `egress.allow`.';
  return new CallbackUrlError(`it resolves to an address that is not allowed, ${why}`, { host, fix });
}

function noAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
}
