import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttemptOutcome, CallbackDelivery, CallbackQueue, QueueWorker } from 'nestjs-callbacks';
import { digestOf } from '../../libs/callbacks/src/delivery/callback-delivery.js';

let made = 0;

/** A delivery that no queue has seen. */
export function newDelivery(host = 'www.external.org', body = '{"paid":true}'): CallbackDelivery {
  const request = { method: 'POST', url: `https://${host}/events`, headers: {}, body };
  const id = `msg_${process.pid}_${++made}`;
  const callback = 'InvoiceCallbacks.notify';
  return { status: 'prepared', version: 1, id, callback, receiver: request.url, digest: digestOf(request), request };
}

/** A file in a new folder. */
export async function newFile(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'callbacks-')), 'callbacks.db');
}

/** A worker that sends nothing and records the ids of its attempts. */
export interface NotingWorker extends QueueWorker {
  readonly ids: readonly string[];
}

export function workerOf(attempt?: () => AttemptOutcome | Promise<AttemptOutcome>, concurrency = 10): NotingWorker {
  const ids: string[] = [];
  return {
    ids,
    concurrency,
    acquire: (_, most) => most,
    release: () => undefined,
    cancelled: async () => undefined,
    announce: async () => true,
    attempt: async ({ id }) => {
      ids.push(id);
      return attempt ? attempt() : delivered();
    },
  };
}

const record = () => ({ attempt: 1, at: new Date(), duration: 1 });
export const delivered = (): AttemptOutcome => ({ status: 'delivered', record: record() });
export const retryIn = (delay: number): AttemptOutcome => ({
  status: 'retry',
  delay,
  record: { ...record(), error: 'the receiver replied 503' },
});
export const failed = (): AttemptOutcome => ({
  status: 'failed',
  record: { ...record(), error: 'the receiver replied 410' },
});

/** Waits until a condition is true. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 25_000;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Starts a queue, and begins an attempt of a new delivery. `end()` ends the attempt that began last. */
export async function beginAttempt(queue: CallbackQueue, outcome: () => AttemptOutcome) {
  let end: () => void = () => undefined;
  const worker = workerOf(() => new Promise((resolve) => (end = () => resolve(outcome()))));
  const one = newDelivery();
  await queue.start(worker);
  await queue.add(one);
  await until('it is attempted', () => worker.ids.length === 1);
  return { worker, one, end: () => end() };
}
