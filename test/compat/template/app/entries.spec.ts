import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { Callbacks } from 'nestjs-callbacks';
import type { CallbackQueue } from 'nestjs-callbacks';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { AppModule } from './app.module.js';
import { createAdapter } from './create-adapter.js';
import { InvoiceCallbacks } from './invoice.callbacks.js';

/** The queues with a server or a file: compat.spec.ts starts the Redis. */
const QUEUES: [string, (folder: string) => CallbackQueue][] = [
  ['a SQLite file', (folder) => sqliteQueue({ file: join(folder, 'callbacks.db') })],
  ['Redis', (folder) => bullmqQueue({ connection: process.env['REDIS_URL'] ?? '', prefix: folder })],
];

describe('the further entry points', () => {
  it.each(QUEUES)('deliver from %s to the receiver for tests', async (_, queueIn) => {
    const folder = await mkdtemp(join(tmpdir(), 'compat-queue-'));
    const receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    receiver.replyWith('invoiceNotification', { ok: true });
    const options = { egress: receiver.egress, queue: queueIn(folder) };
    const module = await Test.createTestingModule({ imports: [AppModule.with(options)] }).compile();
    const app = module.createNestApplication(createAdapter(), { logger: false });
    await app.init();
    const urls = { invoiceNotification: `${receiver.url}/events/invoices/1` };
    await app.get(Callbacks).enqueue(InvoiceCallbacks, urls).invoiceNotification({ description: 'Paid', paid: true });
    const { args, rawBody } = await receiver.next('invoiceNotification');
    expect(args).toEqual([{ description: 'Paid', paid: true }]);
    expect(rawBody.toString()).toBe('{"description":"Paid","paid":true}');
    await app.close();
    await receiver.close();
    await rm(folder, { recursive: true });
  });
});
