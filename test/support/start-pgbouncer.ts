import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { eventually } from './eventually.js';
import type { PostgresServer } from './start-postgres.js';
import { freePort } from './start-example.js';

/** A real PgBouncer in front of a server. */
export interface PgBouncer {
  readonly url: string;
  close(): Promise<void>;
}

/** In transaction mode, with fewer connections to the server than it has clients. */
export async function startPgBouncer(server: PostgresServer): Promise<PgBouncer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(
    file,
    `[databases]
postgres = host=127.0.0.1 port=${server.port} user=test
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
`,
  );
  await chmod(folder, 0o755);
  // It refuses to run as root.
  const [program, ...options] =
    process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', 'pgbouncer', file] : ['pgbouncer', file];
  const bouncer = spawn(program!, options, { stdio: 'ignore' });
  const url = `postgres://test@127.0.0.1:${port}/postgres`;
  await eventually(async () => {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    await client.connect();
    await client.end();
  });
  return {
    url,
    async close() {
      const exited = once(bouncer, 'exit');
      bouncer.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
