import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startRedis } from '../support/start-redis.js';
import { Arrivals, startNumberReceiver } from './number-receiver.js';
import { runSender } from './run-sender.js';
import type { SenderOptions } from './run-sender.js';

const NUMBERS = 40;
/** Longer than a lease, a lock, and twice the time of an attempt. */
const STAND_STILL_MS = 14_000;

/** Suspends a process during its attempts, lets another process take them over, and resumes the first one. */
async function standStill({ queue, place }: Pick<SenderOptions, 'queue' | 'place'>) {
  const arrivals = new Arrivals();
  const held = new Map<string, ServerResponse>();
  let requests = 0;
  let isHolding = true;
  const receiver = await startNumberReceiver(arrivals, ({ headers }, response) => {
    // The first ones make it known as a receiver that answers, so that it has several slots.
    const isHeld = isHolding && ++requests > 20;
    if (isHeld) held.set(String(headers['webhook-id']), response);
    return isHeld;
  });
  const accepted = new Set<number>();
  const options = { queue, place, receivers: [receiver.url], pause: 0, timeout: 6_000, perHost: 10, isTalkative: true };
  const sender = runSender({ ...options, from: 0, count: NUMBERS }, (number) => accepted.add(number));
  const heirs: (typeof sender)[] = [];
  try {
    await eventually(() => expect([accepted.size, held.size > 3]).toEqual([NUMBERS, true]));
    sender.process.kill('SIGSTOP');
    isHolding = false;
    for (const response of held.values()) response.end();
    heirs.push(runSender({ ...options, from: 0, count: 0 }, () => undefined));
    await sleep(STAND_STILL_MS);
    sender.process.kill('SIGCONT');
    const idsIn = (lines: readonly string[], outcome: string) =>
      lines.flatMap((line) => new RegExp(`^${outcome} id=(\\S+)`).exec(line)?.[1] ?? []);
    // It reports its own attempts in flight, even if others have sent them in the meantime.
    await eventually(() => expect(idsIn(sender.errors, 'delivered')).toEqual(expect.arrayContaining([...held.keys()])));
    const all = () => [...sender.errors, ...heirs[0]!.errors];
    await eventually(() => expect(new Set(idsIn(all(), 'delivered')).size).toBe(NUMBERS));
    const [retried, failed, delivered] = ['retry', 'failed', 'delivered'].map((outcome) => idsIn(all(), outcome));
    return { held: held.size, retried, failed, delivered: delivered!.length };
  } finally {
    for (const process of [sender, ...heirs]) {
      process.process.kill('SIGCONT');
      await process.end('SIGTERM');
    }
    receiver.close();
  }
}

it('a suspended process on SQLite reads the replies that arrived in the meantime: nothing delivered is logged as a retry', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stand-still-'));
  const found = await standStill({ queue: 'sqlite', place: join(folder, 'callbacks.db') });
  await rm(folder, { recursive: true });
  process.stdout.write(`stand-still on SQLite: ${JSON.stringify(found)}\n`);
  expect(found).toMatchObject({ retried: [], failed: [] });
}, 120_000);

it('the same on BullMQ', async () => {
  const redis = await startRedis();
  const found = await standStill({ queue: 'bullmq', place: redis.url }).finally(() => redis.close());
  process.stdout.write(`stand-still on BullMQ: ${JSON.stringify(found)}\n`);
  expect(found).toMatchObject({ retried: [], failed: [] });
}, 120_000);
