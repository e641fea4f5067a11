import type { CallbackDelivery } from '../../delivery/callback-delivery.js';
import { digestOf } from '../../delivery/callback-delivery.js';
import type { CallbackQueue } from '../../delivery/queue/callback-queue.js';
import type { DeliveryFilter, DeliveryState } from '../../delivery/queue/deliveries.js';
import type { ScriptedOutcome } from './scripted-worker.js';
import { until } from './scripted-worker.js';

/** An empty storage for deliveries. */
export interface QueueStorage {
  /** Opens a queue in the storage, which is closed when the test ends. */
  open(): CallbackQueue;
}

/** A test, with what the queue does as its name. */
export type QueueTest = readonly [name: string, test: (place: QueueStorage) => Promise<void>];

/** The relevant parts of a delivery. */
interface NewDelivery extends Partial<Pick<CallbackDelivery, 'id' | 'callback' | 'key' | 'context' | 'receiver'>> {
  readonly host?: string;
  readonly path?: string;
  readonly body?: string;
}

let made = 0;

/** Creates a new delivery. */
export function newDelivery({
  host = 'www.external.org',
  path = '/events',
  body = '{}',
  ...more
}: NewDelivery = {}): CallbackDelivery {
  const id = `msg_test_${process.pid}_${++made}`;
  const url = `https://${host}${path}`;
  const request = { method: 'POST', url, headers: {}, body };
  return {
    status: 'prepared',
    version: 1,
    id,
    callback: 'TestCallbacks.notify',
    receiver: url,
    digest: digestOf(request),
    request,
    ...more,
  };
}

/** An attempt that never ends. */
export const forever = () => new Promise<ScriptedOutcome>(() => undefined);
/** An attempt that ends a delivery. */
export const fails = (): ScriptedOutcome => ({ status: 'failed', error: 'the receiver replied 410' });
/** Returns the ids of the matching deliveries on the first page. */
export async function matchingIds(queue: CallbackQueue, filter: DeliveryFilter = {}): Promise<string[]> {
  const { deliveries } = await queue.deliveries(filter, { limit: 100 });
  return deliveries.map(({ id }) => id);
}
/** Waits until this many deliveries are delivered. */
export const isDelivered = (queue: CallbackQueue, count: number) =>
  until(`${count} are delivered`, async () => (await queue.stats()).delivered === count);

/** Waits until a delivery has a state. */
export const hasState = (queue: CallbackQueue, id: string, state: DeliveryState) =>
  until(`${id} is ${state}`, async () => (await queue.delivery(id))?.state === state);

/** Returns the number of deliveries of each state, without zeros. */
export async function countsOf(queue: CallbackQueue): Promise<Partial<Record<DeliveryState, number>>> {
  const { queued, inFlight, delivered, failed, cancelled } = await queue.stats();
  const counts = Object.entries({ queued, inFlight, delivered, failed, cancelled });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
