import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './start-example.js';

/** A real Redis server of the test's own, on loopback, whose data outlives its process. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly process: ChildProcess;
  /** Ends it, as `kill -9` does where that is asked for. */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port, with the same data. */
  restart(): Promise<void>;
  /** Ends it and deletes its data. */
  close(): Promise<void>;
}

/** How long the server may take to start or to end, in ms. */
const PATIENCE = 20_000;

/**
 * @param options - further options of the command line, such as `['--requirepass', 'secret']`. Acknowledged writes are
 *   on the disk, so that they survive `kill -9`.
 */
export async function startRedis(options: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const command = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...durable, ...options];
  let server = await launch(command);

  const end = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit', { signal: AbortSignal.timeout(PATIENCE) });
    server.kill(signal);
    await ended;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get process() {
      return server;
    },
    end,
    async restart() {
      await end();
      server = await launch(command);
    },
    async close() {
      await end('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

async function launch(command: readonly string[]): Promise<ChildProcess> {
  const server = spawn('redis-server', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`redis-server ${why}:\n${output}`));
    const giveUp = setTimeout(() => fail(`is not ready after ${PATIENCE} ms`), PATIENCE);
    server.once('exit', (code) => fail(`ended with ${code}`));
    server.once('error', reject);
    server.stdout.on('data', (chunk) => {
      output += String(chunk);
      if (!output.includes('Ready to accept connections')) return;
      clearTimeout(giveUp);
      resolve();
    });
  });
  return server;
}
