import { expect, it } from '@jest/globals';
import { parseHosts } from './system-resolver.js';

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
