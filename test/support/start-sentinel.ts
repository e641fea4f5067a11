import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from './eventually.js';
import { freePort } from './start-example.js';
import { startRedis } from './start-redis.js';
import type { RedisServer } from './start-redis.js';

/** A primary with a replica, watched by three sentinels. */
export interface SentinelSetup {
  readonly name: string;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  /** The port of the server that the sentinels take for the primary. */
  primaryPort(): Promise<number>;
  close(): Promise<void>;
}

const NAME = 'callbacks-primary';

/** A primary that does not answer for a second counts as down. */
export async function startSentinel(): Promise<SentinelSetup> {
  const primary = await startRedis();
  const replica = await startRedis(['--replicaof', '127.0.0.1', String(primary.port)]);
  const folder = await mkdtemp(join(tmpdir(), 'sentinel-'));
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const processes = await Promise.all(ports.map((port) => launch(folder, port, primary.port)));
  const asking = new Redis(ports[0]!);
  const ask = async (what: string) => (await asking.call('SENTINEL', what, NAME)) as string[][];
  await eventually(async () => {
    expectCount(await ask('replicas'), 1);
    expectCount(await ask('sentinels'), 2);
  });
  return {
    name: NAME,
    sentinels: ports.map((port) => ({ host: '127.0.0.1', port })),
    primary,
    replica,
    async primaryPort() {
      const address = (await asking.call('SENTINEL', 'get-master-addr-by-name', NAME)) as string[];
      return Number(address[1]);
    },
    async close() {
      asking.disconnect();
      for (const child of processes) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      for (const server of [primary, replica]) {
        server.process.kill('SIGCONT');
        await server.close();
      }
      await rm(folder, { recursive: true });
    },
  };
}

async function launch(folder: string, port: number, watched: number): Promise<ChildProcess> {
  const file = join(folder, `${port}.conf`);
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${watched} 2`,
    `sentinel down-after-milliseconds ${NAME} 1000`,
    `sentinel failover-timeout ${NAME} 5000`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
}

function expectCount(list: readonly unknown[], count: number): void {
  if (list.length !== count) throw new Error(`${list.length} instead of ${count}`);
}
