import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { startPostgres } from '../support/start-postgres.js';
import { startRedis } from '../support/start-redis.js';
import { Arrivals, startNumberReceiver } from './number-receiver.js';
import { runSender } from './run-sender.js';
import type { Sender, SenderOptions } from './run-sender.js';

/** How many deliveries must be accepted, and how many one process enqueues if it lives long enough. */
const DELIVERIES = Number(process.env['CRASH_DELIVERIES'] ?? 20_000);
const PER_PROCESS = 2_000;
const PROCESSES = 2;
const MINUTE = 60_000;
/** Longer than a lease, a lock and a check for stalled jobs together. */
const PATIENCE = 4 * MINUTE;
/** How long a process may take to accept its first delivery before it is killed, in ms. */
const STARTING = 20_000;

interface Crash extends Pick<SenderOptions, 'queue' | 'place'> {
  /** Restarts the server of the queue while processes work with it. */
  readonly restart?: () => Promise<void>;
}

/** Runs processes that are killed at random moments until enough is accepted, then lets others end the work. */
async function crash({ queue, place, restart }: Crash) {
  const arrivals = new Arrivals();
  const receiver = await startNumberReceiver(arrivals, (request, response) => {
    const chance = Math.random();
    if (chance < 0.03) request.socket.resetAndDestroy();
    else if (chance < 0.08) response.writeHead(503).end();
    return chance < 0.08;
  });
  const accepted = new Set<number>();
  const running = new Set<Sender>();
  let from = 0;
  let kills = 0;
  let restarts = 0;
  let isOver = false;
  const isEnough = () => isOver || accepted.size >= DELIVERIES;

  const start = (count: number) => {
    const options = { queue, place, receivers: [receiver.url], from, count, pause: 0, timeout: 5_000, perHost: 50 };
    from += count;
    let hasAccepted: () => void = () => undefined;
    const atWork = new Promise<void>((resolve) => (hasAccepted = resolve));
    const sender = runSender(options, (number) => (accepted.add(number), hasAccepted()));
    running.add(sender);
    return { sender, atWork };
  };
  async function runAndKill() {
    while (!isEnough()) {
      const { sender, atWork } = start(PER_PROCESS);
      // Most are at work when they are killed, however slow the machine is; the others may still be starting.
      if (Math.random() < 0.8) await Promise.race([atWork, sleep(STARTING)]);
      await sleep(Math.random() * 3_000);
      if (sender.process.exitCode !== null) throw new Error(`It ended by itself:\n${sender.errors.join('\n')}`);
      await sender.end('SIGKILL');
      running.delete(sender);
      kills++;
    }
  }
  async function restartNowAndThen() {
    if (!restart) return;
    while (!isEnough()) {
      await sleep(3_000 + Math.random() * 4_000);
      await restart();
      restarts++;
    }
  }
  const parts = [...Array.from({ length: PROCESSES }, runAndKill), restartNowAndThen()];
  try {
    await Promise.all(parts);
    const heirs = [start(0).sender, start(0).sender];
    const end = Date.now() + PATIENCE;
    while (arrivals.missing(accepted).length > 0 && Date.now() < end) await sleep(200);
    await Promise.all(heirs.map((heir) => heir.end('SIGTERM')));
    const { duplicates, idsPerNumber } = arrivals;
    const lost = arrivals.missing(accepted).length;
    return { accepted: accepted.size, lost, duplicates, idsPerNumber, kills, restarts };
  } finally {
    isOver = true;
    await Promise.allSettled(parts);
    await Promise.all([...running].map((sender) => sender.end('SIGKILL')));
    receiver.close();
  }
}

function report(queue: string, counts: object): void {
  process.stdout.write(`${queue}: ${JSON.stringify(counts)}\n`);
}

describe('everything that enqueue() accepted arrives, although processes are killed at random', () => {
  it(
    'on SQLite',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'crash-'));
      const counts = await crash({ queue: 'sqlite', place: join(folder, 'callbacks.db') });
      await rm(folder, { recursive: true });
      report('sqlite', counts);
      expect(counts.accepted).toBeGreaterThanOrEqual(DELIVERIES);
      expect(counts).toMatchObject({ lost: 0, idsPerNumber: 1 });
      expect(counts.kills).toBeGreaterThan(0);
    },
    25 * MINUTE,
  );

  it(
    'on BullMQ, and though Redis is killed and restarted in between',
    async () => {
      const redis = await startRedis();
      const restart = async () => {
        await redis.end('SIGKILL');
        await redis.restart();
      };
      const counts = await crash({ queue: 'bullmq', place: redis.url, restart }).finally(() => redis.close());
      report('bullmq', counts);
      expect(counts.accepted).toBeGreaterThanOrEqual(DELIVERIES);
      expect(counts).toMatchObject({ lost: 0, idsPerNumber: 1 });
      expect(counts.restarts).toBeGreaterThan(0);
    },
    25 * MINUTE,
  );

  it(
    'on Postgres, and though Postgres crashes and recovers in between',
    async () => {
      const server = await startPostgres();
      const restart = async () => {
        await server.stop('immediate');
        await server.start();
      };
      const counts = await crash({ queue: 'postgres', place: server.url, restart }).finally(() => server.close());
      report('postgres', counts);
      expect(counts.accepted).toBeGreaterThanOrEqual(DELIVERIES);
      expect(counts).toMatchObject({ lost: 0, idsPerNumber: 1 });
      expect(counts.kills).toBeGreaterThan(0);
      expect(counts.restarts).toBeGreaterThan(0);
    },
    25 * MINUTE,
  );
});
