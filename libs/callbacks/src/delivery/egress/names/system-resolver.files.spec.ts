import { expect, it, describe } from '@jest/globals';
import { parseHosts, candidateNames, parseSearchDomains } from './system-resolver.js';

it('reads names, aliases, comments and both families', () => {
  const text = `
# a comment
127.0.0.1\tlocalhost
::1       localhost ip6-localhost
10.0.0.5  DB.internal db   # the database
10.0.0.6  db\r
fe80::1%lo0 scoped
not-an-address name
10.0.0.7
`;
  expect([...parseHosts(text)]).toEqual([
    ['localhost', ['127.0.0.1', '::1']],
    ['ip6-localhost', ['::1']],
    ['db.internal', ['10.0.0.5']],
    ['db', ['10.0.0.5', '10.0.0.6']],
    ['scoped', ['fe80::1%lo0']],
  ]);
});

describe('parseSearchDomains', () => {
  it.each([
    ['', { search: [], ndots: 1 }],
    ['nameserver 10.0.0.53', { search: [], ndots: 1 }],
    [
      'search ns.svc.cluster.local svc.cluster.local\noptions timeout:1 ndots:5',
      { search: ['ns.svc.cluster.local', 'svc.cluster.local'], ndots: 5 },
    ],
    ['domain example.com', { search: ['example.com'], ndots: 1 }],
    ['search a.example\ndomain b.example', { search: ['b.example'], ndots: 1 }],
    ['domain b.example\nsearch a.example', { search: ['a.example'], ndots: 1 }],
    ['search a.example. .b.example . # c.example', { search: ['a.example', 'b.example'], ndots: 1 }],
    ['options ndots:99\n;options ndots:2', { search: [], ndots: 15 }],
    ['options ndots:0\r\nsearch a.example\r\n', { search: ['a.example'], ndots: 0 }],
    ['options ndots:x', { search: [], ndots: 1 }],
  ])('reads %j', (text, domains) => {
    expect(parseSearchDomains(text)).toEqual(domains);
  });
});

describe('candidateNames', () => {
  const kubernetes = { search: ['ns.svc.cluster.local', 'svc.cluster.local'], ndots: 5 };
  it.each([
    ['db', { search: [], ndots: 1 }, ['db']],
    ['db', { search: ['example.com'], ndots: 1 }, ['db.example.com', 'db']],
    ['db', { search: ['example.com'], ndots: 0 }, ['db', 'db.example.com']],
    ['www.external.org', { search: ['example.com'], ndots: 1 }, ['www.external.org', 'www.external.org.example.com']],
    ['db', kubernetes, ['db.ns.svc.cluster.local', 'db.svc.cluster.local', 'db']],
    [
      'www.external.org',
      kubernetes,
      ['www.external.org.ns.svc.cluster.local', 'www.external.org.svc.cluster.local', 'www.external.org'],
    ],
    ['www.external.org.', kubernetes, ['www.external.org']],
    ['db.', kubernetes, ['db']],
  ])('completes %s by %j', (hostname, domains, names) => {
    expect(candidateNames(hostname, domains)).toEqual(names);
  });
});
