import { afterEach, describe, expect, it } from '@jest/globals';
import { ConsoleLogger, Injectable } from '@nestjs/common';
import { memoryQueue, OnCallback } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeAll } from '../support/closing.js';
import { event, ok, Outcomes, receiving, replying, start, urlsAt } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { newFile } from '../support/queue-work.js';

afterEach(closeAll);

describe('the log', () => {
  it('has one line for each attempt, without secrets', async () => {
    const receiver = await receiving(replying(503), ok);
    const { callbacks, lines } = await start(receiver.port);
    const urls = { invoiceNotification: `${receiver.url}/invoices/1?token=hunter2` };
    const result = await callbacks.enqueue(InvoiceCallbacks, urls).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
    const id = 'id' in result ? result.id : '';
    const host = `127.0.0.1:${receiver.port}`;
    const attempts = lines
      .filter((line) => line.includes(id))
      .map((line) => line.replace(/duration=\d+/, 'duration=0').replace(/next=\S+Z/, 'next=soon'));
    const start0 = `id=${id} callback=InvoiceCallbacks.invoiceNotification host=${host} duration=0`;
    expect(attempts).toEqual([
      `[Callbacks] retry ${start0} attempt=1 status=503 next=soon error="POST to ${receiver.url} failed: the receiver replied 503."`,
      `[Callbacks] delivered ${start0} attempt=2 status=200`,
    ]);
    expect(lines.join('\n')).not.toContain('hunter2');
  });

  it('has an object for each attempt if the logger writes JSON', async () => {
    const written: string[] = [];
    class JsonLines extends ConsoleLogger {
      protected override printAsJson(message: unknown, options: Parameters<ConsoleLogger['printAsJson']>[1]): void {
        written.push(JSON.stringify(this.getJsonLogObject(message, options)));
      }
    }
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port, {}, { logger: new JsonLines({ json: true }) });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
    const attempt = written.map((line) => JSON.parse(line)).find(({ context }) => context === 'Callbacks');
    expect(attempt.message).toEqual({
      outcome: 'delivered',
      id: expect.any(String),
      callback: 'InvoiceCallbacks.invoiceNotification',
      host: `127.0.0.1:${receiver.port}`,
      duration: expect.any(Number),
      attempt: 1,
      status: 200,
    });
  });

  it.each([
    ['in memory', async () => memoryQueue()],
    ['in a SQLite file', async () => sqliteQueue({ file: await newFile() })],
  ])('loses no outcome and no event if the logger throws, with the queue %s', async (_, queue) => {
    class Broken extends ConsoleLogger {
      isBroken = false;
      protected override printStackTrace(): void {}
      protected override printMessages(): void {
        if (this.isBroken) throw new Error('the disk of the log is full');
      }
    }
    @Injectable()
    class Careless {
      @OnCallback('delivered')
      throws() {
        throw Object.create(null);
      }
    }
    const receiver = await receiving(replying(503), ok);
    const logger = new Broken();
    const providers = [Careless, Outcomes];
    const { callbacks, outcomes } = await start(receiver.port, { queue: await queue() }, { logger, providers });
    logger.isBroken = true;
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(async () =>
      expect(await callbacks.stats()).toMatchObject({ queued: 0, inFlight: 0, delivered: 1, failed: 0 }),
    );
    expect(outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'delivered']);
    expect(receiver.requests).toHaveLength(2);
  });

  it('says at start-up, once, that the in-memory queue is not durable', async () => {
    const { lines } = await start(undefined);
    expect(lines.filter((line) => line.includes('in memory'))).toEqual([
      expect.stringContaining('those not delivered when the process ends are lost'),
    ]);
  });
});

describe('shutdown', () => {
  it('sends due deliveries, and drops those that wait for their next attempt, with their ids', async () => {
    const receiver = await receiving(replying(503), (_, response) =>
      setTimeout(() => response.end('{"ok":true}'), 100),
    );
    const { app, callbacks, outcomes, lines } = await start(receiver.port, { retry: { schedule: [60_000] } });
    const enqueue = () => callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    const waiting = await enqueue();
    await eventually(() => expect(outcomes.told).toHaveLength(1));
    for (let index = 0; index < 30; index++) await enqueue();
    await app.close();
    expect(outcomes.told.filter(([name]) => name === 'delivered')).toHaveLength(30);
    expect(lines.filter((line) => line.includes('Dropped'))).toEqual([
      `[MemoryQueue] Dropped deliveries that were in memory. count=1 of=1 ids=${'id' in waiting && waiting.id}`,
    ]);
  });
});
