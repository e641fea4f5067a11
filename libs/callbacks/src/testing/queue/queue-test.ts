import { digestOf } from '../../delivery/callback-delivery.js';
import type { CallbackDelivery } from '../../delivery/callback-delivery.js';
import type { CallbackQueue, AttemptOutcome, QueueWorker, UntoldEvent } from '../../delivery/queue/callback-queue.js';
import type { DeliveryFilter, DeliveryState, DeliverySummary } from '../../delivery/queue/deliveries.js';

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

/** An attempt that a queue asked for. */
export interface AskedAttempt {
  readonly delivery: CallbackDelivery;
  readonly attempt: number;
  /** When the queue asked for it, in ms since 1970. */
  readonly at: number;
}

/** The outcome of an attempt, as a test gives it. The worker adds the record. */
export type ScriptedOutcome =
  | { readonly status: 'delivered'; readonly reply?: string; readonly untold?: readonly UntoldEvent[] }
  | { readonly status: 'retry'; readonly delay: number; readonly error: string }
  | { readonly status: 'postponed'; readonly delay: number; readonly error: string }
  | { readonly status: 'failed'; readonly error: string };

type AttemptScript = (asked: AskedAttempt) => ScriptedOutcome | Promise<ScriptedOutcome>;

/** How long a test waits for a queue, in ms. A lease or a lock may have to expire first. */
const WAIT_LIMIT_MS = 30_000;

/** A worker that sends nothing: it records the attempts and ends each one as the test says. */
export class ScriptedWorker implements QueueWorker {
  readonly asked: AskedAttempt[] = [];
  /** The ids of deliveries that were cancelled in flight. */
  readonly cancellations: string[] = [];
  readonly announced: UntoldEvent[] = [];
  /** The most attempts in flight at once: in total, to one receiver, and of one delivery. */
  readonly most = { total: 0, receiver: 0, delivery: 0 };
  readonly #inFlight = new Map<string, number>();
  readonly #acquired = new Map<string, number>();

  constructor(
    private readonly script: AttemptScript = () => ({ status: 'delivered' }),
    readonly concurrency = 100,
    private readonly perReceiver = 100,
  ) {}

  acquire(receiver: string, most: number): number {
    const acquired = this.#acquired.get(receiver) ?? 0;
    const slots = Math.max(0, Math.min(most, this.perReceiver - acquired));
    this.#acquired.set(receiver, acquired + slots);
    return slots;
  }

  release(receiver: string, slots: number): void {
    this.#acquired.set(receiver, (this.#acquired.get(receiver) ?? 0) - slots);
  }

  async attempt(delivery: CallbackDelivery, attempt: number): Promise<AttemptOutcome> {
    const { receiver, id } = delivery;
    const asked = { delivery, attempt, at: Date.now() };
    this.asked.push(asked);
    this.most.total = Math.max(this.most.total, this.#count('all', 1));
    this.most.receiver = Math.max(this.most.receiver, this.#count(receiver, 1));
    this.most.delivery = Math.max(this.most.delivery, this.#count(id, 1));
    try {
      return withRecord(await this.script(asked), asked);
    } finally {
      for (const what of ['all', receiver, id]) this.#count(what, -1);
      this.release(receiver, 1);
    }
  }

  async cancelled({ id }: DeliverySummary): Promise<void> {
    this.cancellations.push(id);
  }

  async announce(event: UntoldEvent): Promise<boolean> {
    this.announced.push(event);
    return true;
  }

  /** The ids of all attempts, in order. */
  get ids(): string[] {
    return this.asked.map(({ delivery }) => delivery.id);
  }

  #count(what: string, by: number): number {
    const count = (this.#inFlight.get(what) ?? 0) + by;
    this.#inFlight.set(what, count);
    return count;
  }
}

function withRecord(outcome: ScriptedOutcome, { attempt, at }: AskedAttempt): AttemptOutcome {
  if (outcome.status === 'postponed') return outcome;
  const record = { attempt, at: new Date(at), duration: 5 };
  if (outcome.status === 'delivered') {
    const { reply, untold } = outcome;
    return {
      status: 'delivered',
      record: { ...record, statusCode: 200, ...(reply !== undefined && { reply }) },
      ...(untold && { untold }),
    };
  }
  const { error, ...step } = outcome;
  return { ...step, record: { ...record, error } };
}

/** Waits until a condition is true. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + WAIT_LIMIT_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`Waited ${WAIT_LIMIT_MS} ms, but this did not happen: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
