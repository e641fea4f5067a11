import type { CallbackDelivery } from '../../delivery/callback-delivery.js';
import type { AttemptOutcome, CallbackQueue } from '../../delivery/queue/callback-queue.js';
import { until } from './scripted-worker.js';

/** An empty place for deliveries. */
export interface Place {
  /** Opens a queue there; it is closed when the test ends. */
  open(): CallbackQueue;
}

/** What a queue does, and the test of it. */
export type QueueTest = readonly [name: string, test: (place: Place) => Promise<void>];

let made = 0;

/** A delivery that no queue has seen. */
export function newDelivery({ host = 'www.external.org', body = '{}' } = {}): CallbackDelivery {
  const id = `msg_contract_${process.pid}_${++made}`;
  const url = `https://${host}/events`;
  return { status: 'prepared', id, callback: 'Contract.notify', request: { method: 'POST', url, headers: {}, body } };
}

/** An attempt that never ends. */
export const forever = () => new Promise<AttemptOutcome>(() => undefined);
/** An attempt that ends a delivery. */
export const fails = (): AttemptOutcome => ({ status: 'failed', error: 'the receiver replied 410' });
export const everything = { limit: 100, offset: 0 };
/** Waits until so many are delivered. */
export const isDelivered = (queue: CallbackQueue, count: number) =>
  until(`${count} are delivered`, async () => (await queue.stats()).delivered === count);
