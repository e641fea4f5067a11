import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { Arrivals, startNumberReceiver } from './number-receiver.js';
import { runSender } from './run-sender.js';
import type { Memory } from './run-sender.js';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 30);
const RECEIVERS = 6;
const MINUTE = 60_000;

/** What a receiver can do instead of taking a callback. */
const FAULTS: Readonly<Record<string, (...args: Parameters<RequestListener>) => void>> = {
  fails: (_, response) => response.writeHead(500).end(),
  isBusy: (_, response) => response.writeHead(429, { 'retry-after': '1' }).end(),
  hangs: () => undefined,
  resets: (request) => request.socket.resetAndDestroy(),
  // Of the headers: with a status it would be delivered.
  drips: ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nx-a: ');
    const drip = setInterval(() => socket.write('.'), 50);
    socket.on('close', () => clearInterval(drip));
  },
};

it(
  'loses nothing and grows no memory while receivers fail, hang, drip and recover at random',
  async () => {
    const arrivals = new Arrivals();
    const accepted = new Set<number>();
    const memory: Memory[] = [];
    const moods = Array.from({ length: RECEIVERS }, () => 'takes');
    const receivers = await Promise.all(
      moods.map((_, index) =>
        startNumberReceiver(arrivals, (request, response) => {
          const fault = FAULTS[moods[index]!];
          fault?.(request, response);
          return fault !== undefined;
        }),
      ),
    );
    const folder = await mkdtemp(join(tmpdir(), 'soak-'));
    const sender = runSender(
      {
        queue: 'sqlite',
        place: join(folder, 'callbacks.db'),
        receivers: receivers.map(({ url }) => url),
        from: 0,
        // Twenty of them, every 40 ms: some 500 a second.
        count: SECONDS * 400,
        pause: 40,
        timeout: 500,
        perHost: 10,
      },
      (number) => accepted.add(number),
      (told) => memory.push(told),
    );
    try {
      const end = Date.now() + SECONDS * 1_000;
      while (Date.now() < end) {
        const kinds = ['takes', 'takes', ...Object.keys(FAULTS)];
        moods[Math.floor(Math.random() * RECEIVERS)] = kinds[Math.floor(Math.random() * kinds.length)]!;
        await sleep(200 + Math.random() * 300);
      }
      moods.fill('takes');
      // It may enqueue more slowly than it would like to.
      const lastMoment = Date.now() + 6 * MINUTE;
      const isDone = () => accepted.size === SECONDS * 400 && arrivals.missing(accepted).length === 0;
      while (!isDone() && Date.now() < lastMoment) await sleep(200);
      // The sender may have been killed in no way: it notes the last outcomes.
      while (memory.at(-1)?.stats.queued !== 0 && Date.now() < lastMoment) await sleep(200);
    } finally {
      await sender.end('SIGTERM');
      for (const receiver of receivers) receiver.close();
      await rm(folder, { recursive: true });
    }
    const quarter = Math.floor(memory.length / 4);
    const megabytes = (from: number, to: number) => {
      const some = memory.slice(from, to).map(({ heapUsed }) => heapUsed / 2 ** 20);
      return Math.round((some.reduce((sum, each) => sum + each, 0) / some.length) * 10) / 10;
    };
    const growth = { early: megabytes(quarter, 2 * quarter), late: megabytes(-quarter, memory.length) };
    process.stdout.write(
      `soak: ${JSON.stringify({ accepted: accepted.size, duplicates: arrivals.duplicates, ...growth })}\n`,
    );
    expect(accepted.size).toBe(SECONDS * 400);
    expect(arrivals.missing(accepted)).toEqual([]);
    expect(arrivals.idsPerNumber).toBe(1);
    expect(memory.at(-1)?.stats).toMatchObject({ queued: 0, failed: 0 });
    expect(growth.late).toBeLessThan(growth.early * 1.25);
  },
  10 * MINUTE,
);
