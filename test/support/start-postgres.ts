import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findPostgres } from './find-postgres.js';
import { freePort } from './start-example.js';

/** A real Postgres server for one test, on loopback, in its own folder. */
export interface PostgresServer {
  readonly port: number;
  readonly url: string;
  /** Runs a statement as an administrator would. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** A new, empty database, as a URL. */
  createDatabase(name: string, options?: string): Promise<string>;
  /** Ends it; `immediate` is like a crash. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again on the same port, with the same data. */
  start(): Promise<void>;
  /** Ends it and deletes its data. */
  close(): Promise<void>;
}

const run = promisify(execFile);

/** @param settings - more of postgresql.conf, as `['max_connections=20']`. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  const owner = await ownerOf(folder);
  const data = join(folder, 'data');
  const command = (program: string, ...options: string[]) =>
    run(owner ? 'runuser' : findPostgres(program), [
      ...(owner ? ['-u', owner, '--', findPostgres(program)] : []),
      ...options,
    ]);
  await command('initdb', '-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync');
  // No test cuts the power: what Postgres has written survives its crash, synced or not.
  const own = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
  const flags = [`port=${port}`, ...own, ...settings];
  const log = join(folder, 'log');
  const start = async () => {
    // With an inherited output, the command would not end.
    const options = [
      '-D',
      data,
      '-l',
      log,
      '-w',
      '-t',
      '60',
      '-o',
      flags.map((flag) => `-c ${flag}`).join(' '),
      'start',
    ];
    await command('pg_ctl', ...options);
  };
  const stop = async (mode: 'fast' | 'immediate' = 'fast') => {
    await command('pg_ctl', '-D', data, '-m', mode, '-w', '-t', '60', 'stop');
  };
  await start();
  const urlOf = (name: string) => `postgres://test@127.0.0.1:${port}/${name}`;
  const url = urlOf('postgres');
  const query = async <Row>(sql: string, values: readonly unknown[] = []) => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      // The caller wrote the statement.
      return (await client.query(sql, [...values])).rows as Row[];
    } finally {
      await client.end();
    }
  };
  return {
    port,
    url,
    query,
    stop,
    start,
    async createDatabase(name, options = '') {
      await query(`CREATE DATABASE "${name}" ${options}`);
      return urlOf(name);
    },
    async close() {
      await stop('immediate').catch(() => undefined);
      await rm(folder, { recursive: true });
    },
  };
}

/** The user to run as, since Postgres refuses to run as root. */
async function ownerOf(folder: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = 'postgres';
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, owner])).stdout)),
  );
  await chown(folder, uid!, gid!);
  return owner;
}
