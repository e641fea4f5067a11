import { expect, it } from '@jest/globals';
import type { CallbackQueue } from 'nestjs-callbacks';
import { event, ok, receiving, replying } from './enqueueing.js';
import { eventually } from './eventually.js';
import { InvoiceCallbacks } from './invoices.js';
import { openBoard } from './open-board.js';

/** What the page of Bull Board shows of a queue, and what its buttons do: the same for each queue. */
export function boardTests(openQueue: () => Promise<CallbackQueue>): void {
  const enqueueing = async (...replies: Parameters<typeof receiving>) => {
    const receiver = await receiving(...replies);
    const board = await openBoard(receiver.port, await openQueue());
    const urls = { invoiceNotification: `${receiver.url}/events/invoices/2expen51ve?token=s3cret` };
    const enqueue = async (key: string) => {
      await board.callbacks.enqueue(InvoiceCallbacks, urls, { key }).invoiceNotification(event);
    };
    const has = (state: string, count: number) =>
      eventually(async () => expect(await board.counts()).toMatchObject({ [state]: count }));
    return { receiver, enqueue, has, ...board };
  };

  it('shows states, bodies, errors and attempts, and no query', async () => {
    const { receiver, enqueue, has, list, logs } = await enqueueing(replying(410), ok, replying(503));
    await enqueue('refused');
    await has('failed', 1);
    await enqueue('taken');
    await has('completed', 1);
    await enqueue('waits');
    await eventually(async () => expect(await list('delayed')).toMatchObject([{ attempts: 1 }]));
    const [failed] = await list('failed');
    expect(failed).toMatchObject({
      name: 'InvoiceCallbacks.invoiceNotification',
      attempts: 1,
      failedReason: expect.stringContaining('410'),
      data: { url: `${receiver.url}/events/invoices/2expen51ve`, key: 'refused', body: event },
    });
    expect(await logs(failed!.id)).toEqual([expect.stringMatching(/ attempt 1, \d+ ms: .*410/)]);
    const [completed] = await list('completed');
    expect(completed).toMatchObject({ data: { key: 'taken' }, failedReason: '' });
    // The body of what was delivered is dropped.
    expect(completed!.data).not.toHaveProperty('body');
    expect(await logs((await list('delayed'))[0]!.id)).toHaveLength(2);
    expect(JSON.stringify([await list('latest')])).not.toContain('s3cret');
    expect(await list('latest')).toHaveLength(3);
  });

  it('Retry begins the schedule anew, with as many attempts as at first', async () => {
    const { enqueue, has, list, press, callbacks } = await enqueueing(replying(410), replying(503), ok);
    await enqueue('refused');
    await has('failed', 1);
    const { id } = (await list('failed'))[0]!;
    expect(await press(`${id}/retry`)).toBe('204');
    // It was refused again, and waits for its second attempt instead of failing for good.
    await eventually(async () => expect(await callbacks.delivery(id)).toMatchObject({ state: 'queued', attempts: 1 }));
    expect(await press(`${id}/promote`)).toBe('204');
    await has('completed', 1);
    expect(await callbacks.delivery(id)).toMatchObject({ state: 'delivered', attempts: 2 });
  });

  it('Promote attempts what waits now, and Promote all does so with all', async () => {
    const { enqueue, has, press, receiver } = await enqueueing(replying(503), replying(503), ok);
    await enqueue('one');
    await enqueue('other');
    await eventually(() => expect(receiver.requests).toHaveLength(2));
    await has('delayed', 2);
    expect(await press('promote')).toBe('200 {}');
    await has('completed', 2);
  });

  it('Remove forgets what has ended, and cancels what waits before that', async () => {
    const { enqueue, has, list, press, callbacks } = await enqueueing(replying(410), replying(503));
    await enqueue('refused');
    await has('failed', 1);
    await enqueue('waits');
    await eventually(async () => expect(await list('delayed')).toMatchObject([{ attempts: 1 }]));
    for (const status of ['failed', 'delayed']) {
      const { id } = (await list(status))[0]!;
      expect(await press(`${id}/clean`)).toBe('204');
      expect(await callbacks.delivery(id)).toBeUndefined();
    }
  });

  it('Retry all and Clean go through all that failed', async () => {
    const { enqueue, has, press, list } = await enqueueing(replying(410));
    await enqueue('one');
    await enqueue('other');
    await has('failed', 2);
    expect(JSON.parse((await press('retry/failed')).slice(4))).toEqual({ retried: 2, skipped: 0 });
    await has('failed', 2);
    // What changed within the last 5 s stays: Bull Board asks for that.
    expect(await press('clean/failed')).toBe('200 {}');
    expect(await list('failed')).toHaveLength(2);
  });

  it('what is not ours to do is refused with a reason', async () => {
    const { press } = await enqueueing(ok);
    expect(await press('pause')).toContain('Callbacks cannot be paused. Fix: ');
  });
}
