import { describe, expect, it } from '@jest/globals';
import { egressIssue, createEgressPolicy, egressWarnings } from './egress.options.js';

const BROKEN = '-----BEGIN CERTIFICATE-----\nSECRET\n-----END CERTIFICATE-----';

describe('egressIssue', () => {
  it.each([
    {},
    { allow: [], ports: [], http: false },
    { allow: ['10.0.0.0/8', '127.0.0.1', '::1', 'fd00::/8', '0.0.0.0/0'], ports: [1, 8443, 65_535], http: true },
    { allow: undefined },
    { deny: ['203.0.113.0/24'], hosts: ['*.partner.example', '203.0.113.7'], tls: {} },
    { hosts: [], tls: { clients: [] } },
    { proxy: 'http://proxy.internal:3128' },
    { proxy: 'https://user:p%40ss@[::1]:3128/' },
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
    [{ allow: ['10.0.0.0/33'] }, 'not "10.0.0.0/33"'],
    [{ allow: ['::/129'] }, 'not "::/129"'],
    [{ allow: ['10.0.0.0/'] }, 'not "10.0.0.0/"'],
    [{ allow: ['10.0.0.0/-1'] }, 'not "10.0.0.0/-1"'],
    [{ allow: ['10.0.0.0/8/8'] }, 'not "10.0.0.0/8/8"'],
    [{ allow: ['10.0.0.0/255.0.0.0'] }, 'not "10.0.0.0/255.0.0.0"'],
    [{ allow: ['10.0.0'] }, 'not "10.0.0"'],
    [{ allow: ['127.1'] }, 'not "127.1"'],
    [{ allow: ['0x7f000001'] }, 'not "0x7f000001"'],
    [{ allow: ['fe80::1%eth0'] }, 'not "fe80::1%eth0"'],
    [{ allow: ['localhost'] }, 'not "localhost"'],
    [{ allow: [''] }, 'not ""'],
    [{ allow: [undefined] }, 'not undefined'],
    [{ allow: [7] }, 'not 7'],
    [{ ports: 8443 }, '`ports` is an array of whole numbers from 1 to 65535'],
    [{ ports: [null] }, 'not null'],
    [{ ports: [0] }, 'not 0'],
    [{ ports: [65_536] }, 'not 65536'],
    [{ ports: [80.5] }, 'not 80.5'],
    [{ ports: ['8443'] }, 'not "8443"'],
    [{ http: 'yes' }, '`http` is true or false'],
    [{ deny: ['10.0.0.0/33'] }, '`deny` contains only IP addresses and CIDR ranges'],
    [{ hosts: 'hooks.example' }, '`hosts` is an array of host names'],
    [{ hosts: ['https://hooks.example', 7] }, 'not "https://hooks.example", 7'],
    ...['', 'proxy:3128', 'socks5://proxy', 'http://proxy/path', 'http://proxy?a', 'http://SECRET%:a@proxy', 7].map(
      (proxy): [unknown, string] => [{ proxy }, '`proxy` is the http: or https: URL of a proxy, without a path'],
    ),
    [{ tls: 'ca.pem' }, '`tls` is an object: { ca, clients }'],
    [{ tls: { cas: [] } }, '`tls` is an object of ca, clients: it has no `cas`'],
    [{ tls: { ca: 'ca.pem' } }, '`ca` is a certificate in PEM format'],
    [{ tls: { ca: [BROKEN] } }, '`ca` is a certificate in PEM format'],
    [{ tls: { clients: {} } }, '`clients` is an array of { hosts, cert, key }'],
    [
      { tls: { clients: [{ hosts: ['*'], cert: 'a' }] } },
      'each item must be an object whose `hosts` contains only host names, such as "hooks.example" or "*.partner.example", not "*", and an object whose `cert` is a certificate in PEM format, and an object whose `key` is a private key in PEM format',
    ],
    [{ tls: { clients: [{ hosts: [], cert: BROKEN, key: BROKEN }] } }, 'an object whose `key` belongs to its `cert`'],
    [{ tls: { clients: [{ hosts: [], cert: BROKEN, key: BROKEN, keys: [] }] } }, 'it has no `keys`'],
    [{ resolver: '10.0.0.53' }, '`resolver` is a function that returns the addresses of a name'],
  ])('says what %j must be', (options, expected) => {
    expect(egressIssue(options)).toContain(expected);
    expect(egressIssue(options)).not.toContain('SECRET');
  });
});

it('makes no policy of wrong options', () => {
  expect(() => createEgressPolicy({ allow: ['10.0.0.0/33'] })).toThrow(
    'The option `egress` must be an object whose `allow` contains only IP addresses and CIDR ranges',
  );
});

it('warns of ranges that are more than they look like, and of no others', () => {
  const allow = ['10.1.2.3/8', '10.0.0.0/8', '127.0.0.1', '::/0', 'fd00::1/64', 'fd00::/64', '::1'];
  expect(egressWarnings({ given: { allow, deny: ['0.0.0.0/0'] } })).toEqual([
    'The range 10.1.2.3/8 of `egress.allow` is 10.0.0.0/8, which is more than that address.',
    'The range ::/0 of `egress.allow` is every address of IPv6.',
    'The range fd00::1/64 of `egress.allow` is fd00::/64, which is more than that address.',
    'The range 0.0.0.0/0 of `egress.deny` is every address of IPv4.',
  ]);
});
