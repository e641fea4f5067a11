import type { CallbackDelivery } from '../../delivery/callback-delivery.js';
import type { AttemptOutcome, QueueWorker } from '../../delivery/queue/callback-queue.js';

/** An attempt that a queue asked for. */
export interface AskedAttempt {
  readonly delivery: CallbackDelivery;
  readonly attempt: number;
  /** When it was asked for, in ms since 1970. */
  readonly at: number;
}

type Script = (asked: AskedAttempt) => AttemptOutcome | Promise<AttemptOutcome>;

/** How long a test waits for what a queue has to do, in ms. A lease or a lock may have to expire first. */
const PATIENCE = 30_000;

/** A worker that sends nothing: it notes what it is asked for and ends each attempt as it is told. */
export class ScriptedWorker implements QueueWorker {
  readonly asked: AskedAttempt[] = [];
  readonly #inFlight = new Map<string, number>();
  /** The most attempts that were in flight at once: in all, to one host, and of one delivery. */
  readonly most = { total: 0, host: 0, delivery: 0 };

  constructor(
    private readonly script: Script = () => ({ status: 'delivered' }),
    readonly concurrency = 100,
    private readonly perHost = 100,
  ) {}

  room(host: string): number {
    return this.perHost - (this.#inFlight.get(host) ?? 0);
  }

  async attempt(delivery: CallbackDelivery, attempt: number): Promise<AttemptOutcome> {
    const { host } = new URL(delivery.request.url);
    const asked = { delivery, attempt, at: Date.now() };
    this.asked.push(asked);
    this.most.total = Math.max(this.most.total, this.#count('all', 1));
    this.most.host = Math.max(this.most.host, this.#count(host, 1));
    this.most.delivery = Math.max(this.most.delivery, this.#count(delivery.id, 1));
    try {
      return await this.script(asked);
    } finally {
      for (const what of ['all', host, delivery.id]) this.#count(what, -1);
    }
  }

  /** The ids that were asked for, in the order in which they were. */
  get ids(): string[] {
    return this.asked.map(({ delivery }) => delivery.id);
  }

  #count(what: string, by: number): number {
    const count = (this.#inFlight.get(what) ?? 0) + by;
    this.#inFlight.set(what, count);
    return count;
  }
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`Waited ${PATIENCE} ms in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
