import { describe, expect, it } from '@jest/globals';
import { egressIssue } from './egress-options.js';
import { createEgressPolicy } from './egress-policy.js';

describe('egressIssue', () => {
  it.each([
    {},
    { allow: [], ports: [], http: false },
    { allow: ['10.0.0.0/8', '127.0.0.1', '::1', 'fd00::/8', '0.0.0.0/0'], ports: [1, 8443, 65_535], http: true },
    { allow: undefined },
  ])('accepts %j', (options) => {
    expect(egressIssue(options)).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [undefined, 'an object'],
    [null, 'an object'],
    [true, 'an object'],
    [['10.0.0.0/8'], 'an object'],
    [{ allowed: [] }, 'an object of allow, deny, hosts, ports, http, proxy, tls, resolver: it has no `allowed`'],
    [{ allow: '10.0.0.0/8' }, '`allow` is an array'],
    [{ allow: ['10.0.0.0/33'] }, 'and not "10.0.0.0/33"'],
    [{ allow: ['::/129'] }, 'and not "::/129"'],
    [{ allow: ['10.0.0.0/'] }, 'and not "10.0.0.0/"'],
    [{ allow: ['10.0.0.0/-1'] }, 'and not "10.0.0.0/-1"'],
    [{ allow: ['10.0.0.0/8/8'] }, 'and not "10.0.0.0/8/8"'],
    [{ allow: ['10.0.0.0/255.0.0.0'] }, 'and not "10.0.0.0/255.0.0.0"'],
    [{ allow: ['10.0.0'] }, 'and not "10.0.0"'],
    [{ allow: ['127.1'] }, 'and not "127.1"'],
    [{ allow: ['0x7f000001'] }, 'and not "0x7f000001"'],
    [{ allow: ['fe80::1%eth0'] }, 'and not "fe80::1%eth0"'],
    [{ allow: ['localhost'] }, 'and not "localhost"'],
    [{ allow: [''] }, 'and not ""'],
    [{ allow: [undefined] }, 'and not undefined'],
    [{ allow: [7] }, 'and not 7'],
    [{ ports: 8443 }, '`ports` is an array of whole numbers from 1 to 65535'],
    [{ ports: [null] }, 'and not null'],
    [{ ports: [0] }, 'and not 0'],
    [{ ports: [65_536] }, 'and not 65536'],
    [{ ports: [80.5] }, 'and not 80.5'],
    [{ ports: ['8443'] }, 'and not "8443"'],
    [{ http: 'yes' }, '`http` is true or false'],
    [{ resolver: '10.0.0.53' }, '`resolver` is a function that gives the addresses of a name'],
  ])('says of %j what it has to be', (options, expected) => {
    expect(egressIssue(options)).toContain(expected);
  });
});

it('makes no policy of wrong options', () => {
  expect(() => createEgressPolicy({ allow: ['10.0.0.0/33'] })).toThrow(
    'The option `egress` must be an object whose `allow` has only IP addresses and CIDR ranges',
  );
});
