import { getDefaultResultOrder, setDefaultResultOrder } from 'node:dns';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { closeAll, closing } from '../../../../../../test/support/closing.js';
import { startZone } from '../../../../../../test/support/start-zone.js';
import type { Zone } from '../../../../../../test/support/start-zone.js';
import { createSystemResolver } from './system-resolver.js';

const order = getDefaultResultOrder();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'names-'));
  setDefaultResultOrder('ipv4first');
});
afterEach(async () => {
  setDefaultResultOrder(order);
  await closeAll();
});

/** Looks names up in a zone of its own, as these files say. */
async function resolverOf(zone: Zone, { hosts = '', resolv = '' } = {}) {
  const [hostsFile, resolvConf] = [join(folder, 'hosts'), join(folder, 'resolv.conf')];
  await Promise.all([writeFile(hostsFile, hosts), writeFile(resolvConf, resolv)]);
  const server = closing(await startZone(zone));
  const resolver = createSystemResolver({ hostsFile, resolvConf, servers: [server.address] });
  const resolve = (name: string, signal = new AbortController().signal) => resolver(name, { signal });
  return { resolve, server, hostsFile };
}

describe('the hosts file', () => {
  it('comes first, without asking a name server', async () => {
    const hosts = '192.0.2.1 db.internal DB\n2001:db8::1 db.internal';
    const { resolve, server } = await resolverOf({ 'db.internal': { A: ['192.0.2.9'] } }, { hosts });
    expect(await resolve('db.internal')).toEqual(['192.0.2.1', '2001:db8::1']);
    expect(await resolve('DB.internal.')).toEqual(['192.0.2.1', '2001:db8::1']);
    expect(await resolve('db')).toEqual(['192.0.2.1']);
    expect(server.questions).toEqual([]);
  });

  it('is read again when it has changed', async () => {
    const { resolve, hostsFile } = await resolverOf({}, { hosts: '192.0.2.1 db' });
    expect(await resolve('db')).toEqual(['192.0.2.1']);
    await writeFile(hostsFile, '192.0.2.200 db');
    expect(await resolve('db')).toEqual(['192.0.2.200']);
  });

  it('may be missing', async () => {
    const server = closing(await startZone({ 'a.example': { A: ['192.0.2.1'] } }));
    const missing = join(folder, 'missing');
    const resolver = createSystemResolver({ hostsFile: missing, resolvConf: missing, servers: [server.address] });
    expect(await resolver('a.example', { signal: new AbortController().signal })).toEqual(['192.0.2.1']);
  });
});

it.each(['localhost', 'LOCALHOST.', 'app.localhost'])(
  '%s is this machine, whatever a name server says',
  async (name) => {
    const { resolve, server } = await resolverOf({ localhost: { A: ['192.0.2.1'] } });
    expect(await resolve(name)).toEqual(['127.0.0.1', '::1']);
    expect(server.questions).toEqual([]);
  },
);

describe('the name servers', () => {
  it.each([
    ['ipv4first', ['192.0.2.1', '192.0.2.2', '2001:db8::1']],
    ['ipv6first', ['2001:db8::1', '192.0.2.1', '192.0.2.2']],
  ] as const)('are asked for both families, %s', async (first, addresses) => {
    setDefaultResultOrder(first);
    const { resolve } = await resolverOf({ 'a.example': { A: ['192.0.2.1', '192.0.2.2'], AAAA: ['2001:db8::1'] } });
    expect(await resolve('a.example')).toEqual(addresses);
  });

  it.each<[string, Zone]>([
    ['has IPv6 only', { 'a.example': { AAAA: ['2001:db8::1'] } }],
    ['is known by a server that ignores A', { 'a.example': { A: 'silent', AAAA: ['2001:db8::1'] } }],
    ['is known by a server that fails for A', { 'a.example': { A: 'SERVFAIL', AAAA: ['2001:db8::1'] } }],
  ])('find the addresses of a name that %s', async (_, zone) => {
    expect(await (await resolverOf(zone)).resolve('a.example')).toEqual(['2001:db8::1']);
  });

  it('know no address of a name that does not exist', async () => {
    expect(await (await resolverOf({})).resolve('a.example')).toEqual([]);
  });

  it('fail if they fail', async () => {
    const { resolve } = await resolverOf({ 'a.example': { A: 'SERVFAIL', AAAA: 'SERVFAIL' } });
    await expect(resolve('a.example')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  });

  it('are not waited for once the lookup is cancelled', async () => {
    const { resolve, server } = await resolverOf({ 'a.example': { A: 'silent', AAAA: 'silent' } });
    const attempt = new AbortController();
    const looking = resolve('a.example', attempt.signal);
    await server.asked(2);
    attempt.abort();
    await expect(looking).rejects.toMatchObject({ code: 'ECANCELLED' });
  });
});

describe('the search domains', () => {
  const resolv = 'search ns.svc.cluster.local cluster.local\noptions ndots:5';

  it('complete a name of one label', async () => {
    const { resolve } = await resolverOf({ 'db.cluster.local': { A: ['192.0.2.1'] } }, { resolv });
    expect(await resolve('db')).toEqual(['192.0.2.1']);
  });

  it('are left when the name is known as it is', async () => {
    const { resolve, server } = await resolverOf({ 'www.external.org': { A: ['192.0.2.1'] } }, { resolv });
    expect(await resolve('www.external.org')).toEqual(['192.0.2.1']);
    expect(new Set(server.questions)).toEqual(
      new Set(['www.external.org.ns.svc.cluster.local', 'www.external.org.cluster.local', 'www.external.org']),
    );
  });

  it('do not complete a name that ends with a dot', async () => {
    const { resolve, server } = await resolverOf({ 'db.cluster.local': { A: ['192.0.2.1'] } }, { resolv });
    expect(await resolve('db.')).toEqual([]);
    expect(new Set(server.questions)).toEqual(new Set(['db']));
  });

  it('go on after one whose server fails', async () => {
    const failing = { 'db.ns.svc.cluster.local': { A: 'SERVFAIL', AAAA: 'SERVFAIL' } } as const;
    const { resolve } = await resolverOf({ ...failing, 'db.cluster.local': { A: ['192.0.2.1'] } }, { resolv });
    expect(await resolve('db')).toEqual(['192.0.2.1']);
  });
});
