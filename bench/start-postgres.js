/** Starts a Postgres server in its own folder, with the default settings. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';

export async function startPostgres() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const folder = await mkdtemp(join(tmpdir(), 'bench-postgres-'));
  const isRoot = process.getuid() === 0;
  if (isRoot) {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => (await run('id', [flag, 'postgres'])).stdout),
    );
    await chown(folder, Number(uid), Number(gid));
  }
  const version = existsSync(DEBIAN) ? `${DEBIAN}/${readdirSync(DEBIAN).at(-1)}/bin/` : '';
  const command = (program, ...options) =>
    run(isRoot ? 'runuser' : `${version}${program}`, [
      ...(isRoot ? ['-u', 'postgres', '--', `${version}${program}`] : []),
      ...options,
    ]);
  const data = join(folder, 'data');
  await command('initdb', '-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C');
  const flags = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`;
  await command('pg_ctl', '-D', data, '-l', join(folder, 'log'), '-w', '-o', flags, 'start');
  return {
    url: `postgres://bench@127.0.0.1:${port}/postgres`,
    async stop() {
      await command('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
      await rm(folder, { recursive: true });
    },
  };
}
