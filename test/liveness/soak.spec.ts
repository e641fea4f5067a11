import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newFile } from '../support/queue-work.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

/** For how long strangers misbehave, and how many receivers there are, as a multiple. */
const SCALE = Number(process.env['LIVENESS_SCALE'] ?? 1);
const SECONDS = 15 * SCALE;
const MINUTE = 60_000;

/** What `soak.js` has found out. */
interface Soak {
  readonly early: { readonly heap: number };
  readonly late: { readonly heap: number };
  readonly misbehavingLeft: number;
}

let redis: RedisServer;
let postgres: PostgresServer;
beforeAll(async () => {
  redis = await startRedis();
  postgres = await startPostgres();
}, MINUTE);
afterAll(async () => {
  await redis.close();
  await postgres.close();
});

async function run<Found>(program: string, ...args: string[]): Promise<Found> {
  const options = { cwd: 'test/liveness', env: { ...process.env, NODE_OPTIONS: '' }, timeout: (SECONDS + 150) * 1_000 };
  const { stdout } = await promisify(execFile)(program, args, options);
  process.stdout.write(`liveness: ${stdout}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Found;
}

it.each<[string, () => Promise<string>]>([
  ['memory', async () => '-'],
  ['sqlite', newFile],
  ['bullmq', async () => redis.url],
  ['postgres', async () => postgres.url],
])(
  'half of the receivers hang, drip, reset or have no name server, and the other half is served: %s',
  async (kind, placeOf) => {
    const found = await run<Soak>(process.execPath, '--expose-gc', 'soak.js', kind, await placeOf(), String(SECONDS));
    expect(found).toMatchObject({ isHealthyDone: true, isAllDone: true, lost: 0, failed: 0 });
    // All that the healthy ones were sent had arrived while the others still misbehaved.
    expect(found.misbehavingLeft).toBeGreaterThan(0);
    expect(found.late.heap).toBeLessThan(found.early.heap + 32);
  },
  (SECONDS + 180) * 1_000,
);

it(
  'connections to thousands of receivers are not kept open',
  async () => {
    const receivers = 1_000 * SCALE;
    const limit = `ulimit -n "$(ulimit -Hn)" && exec "${process.execPath}" idle-sockets.js ${receivers}`;
    const found = await run<{ most: number }>('bash', '-c', limit);
    expect(found).toMatchObject({ receivers, isDone: true });
    // The idle ones, and those that carry an attempt.
    expect(found.most).toBeLessThanOrEqual(256 + 100);
  },
  4 * MINUTE,
);
