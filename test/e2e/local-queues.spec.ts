import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { memoryQueue } from 'nestjs-callbacks';
import type { CallbackQueue } from 'nestjs-callbacks';
import { CallbacksBoardAdapter } from 'nestjs-callbacks/bull-board';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { boardTests } from '../support/board-tests.js';
import { checkQueue } from '../support/check-queue.js';
import { closeAll } from '../support/closing.js';
import { event, receiving, replying, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { playNightCall } from '../support/night-call.js';
import { newFile } from '../support/queue-work.js';
import { runsInNoRequest } from '../support/runs-in-no-request.js';

checkQueue('the in-memory queue', { storage: () => () => memoryQueue(), durable: false });

afterEach(closeAll);

describe('listeners, secrets, interceptors, loggers and resolvers run in the context of no request', () => {
  it('with the in-memory queue', async () => {
    await expect(runsInNoRequest(memoryQueue())).resolves.toBeUndefined();
  });

  it('with the queue in a SQLite file', async () => {
    await expect(runsInNoRequest(sqliteQueue({ file: await newFile() }))).resolves.toBeUndefined();
  });
});

it.each<[string, () => Promise<CallbackQueue>]>([
  ['in memory', async () => memoryQueue()],
  ['in a SQLite file', async () => sqliteQueue({ file: await newFile() })],
])('the night call of the guide, with the queue %s', async (_, queueOf) => {
  const commands = await playNightCall(await queueOf());
  expect(commands).toHaveLength(8);
  if (process.env['SHOW_COMMANDS']) process.stdout.write(`${JSON.stringify(commands, undefined, 2)}\n`);
});

describe('Bull Board on memoryQueue()', () => {
  boardTests(async () => memoryQueue());
});

describe('Bull Board on sqliteQueue()', () => {
  boardTests(async () => sqliteQueue({ file: join(await mkdtemp(join(tmpdir(), 'board-')), 'callbacks.db') }));
});

describe('CallbacksBoardAdapter', () => {
  it('cleans with forget() and cancel(), and returns the pages of two states', async () => {
    const receiver = await receiving(replying(410), replying(410), replying(503));
    const { callbacks } = await start(receiver.port, { retry: { schedule: [3_600_000] } });
    const urls = { invoiceNotification: `${receiver.url}/x/invoices/1?token=s3cret` };
    for (const [index, key] of ['a', 'b', 'c'].entries()) {
      await callbacks.enqueue(InvoiceCallbacks, urls, { key }).invoiceNotification(event);
      await eventually(() => expect(receiver.requests).toHaveLength(index + 1));
    }
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ failed: 2, queued: 1 }));
    const board = new CallbacksBoardAdapter(callbacks, { showQueries: true });
    await new Promise((resolve) => setTimeout(resolve, 2));
    await board.clean('delayed', 0);
    expect(await callbacks.stats()).toMatchObject({ failed: 2, cancelled: 1, queued: 0 });
    const keysOf = async (from: number, to: number) =>
      (await board.getJobs(['failed'], from, to)).map((job) => (job.toJSON().data as { key: string }).key);
    expect(await keysOf(0, 1)).toEqual(['b', 'a']);
    expect(await keysOf(2, 3)).toEqual(['c']);
    const [cancelled] = await board.getJobs(['failed'], 2, 2);
    expect(cancelled!.toJSON()).toMatchObject({
      failedReason: 'It was cancelled.',
      data: { url: expect.stringContaining('?token=s3cret') },
    });
    await board.clean('failed', 0);
    expect(await callbacks.stats()).toMatchObject({ failed: 0, cancelled: 0 });
  });
});
