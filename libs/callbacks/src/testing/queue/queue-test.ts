import type { CallbackDelivery } from '../../delivery/callback-delivery.js';
import { digestOf } from '../../delivery/digest-of.js';
import type { CallbackQueue } from '../../delivery/queue/callback-queue.js';
import type { DeliveryFilter, DeliveryState } from '../../delivery/queue/deliveries.js';
import type { ScriptedOutcome } from './scripted-worker.js';
import { until } from './scripted-worker.js';

/** An empty place for deliveries. */
export interface Place {
  /** Opens a queue there; it is closed when the test ends. */
  open(): CallbackQueue;
}

/** What a queue does, and the test of it. */
export type QueueTest = readonly [name: string, test: (place: Place) => Promise<void>];

/** What matters of a delivery. */
interface NewDelivery extends Partial<Pick<CallbackDelivery, 'id' | 'callback' | 'key' | 'context' | 'receiver'>> {
  readonly host?: string;
  readonly path?: string;
  readonly body?: string;
}

let made = 0;

/** A delivery that no queue has seen. */
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
/** The ids of the deliveries that match, of the first page. */
export async function idsOf(queue: CallbackQueue, filter: DeliveryFilter = {}): Promise<string[]> {
  const { deliveries } = await queue.deliveries(filter, { limit: 100 });
  return deliveries.map(({ id }) => id);
}
/** Waits until so many are delivered. */
export const isDelivered = (queue: CallbackQueue, count: number) =>
  until(`${count} are delivered`, async () => (await queue.stats()).delivered === count);

/** Waits until a delivery has that state. */
export const hasState = (queue: CallbackQueue, id: string, state: DeliveryState) =>
  until(`${id} is ${state}`, async () => (await queue.delivery(id))?.state === state);

/** How many deliveries there are of each state, without those that there are none of. */
export async function countsOf(queue: CallbackQueue): Promise<Partial<Record<DeliveryState, number>>> {
  const { queued, inFlight, delivered, failed, cancelled } = await queue.stats();
  const counts = Object.entries({ queued, inFlight, delivered, failed, cancelled });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
