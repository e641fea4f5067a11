import { AppLogger } from '../delivery/app-logger.js';
import type { AttemptOutcome, QueueWorker } from '../delivery/queue/callback-queue.js';
import { IdleWaiters } from '../delivery/queue/idle-waiters.js';
import type { Ended, Lease, LeaseTable } from './lease-table.js';
import { readDelivery } from './read-delivery.js';
import { transact } from './sqlite-database.js';
import { isBusy, PATIENCE, pauseOfBusy, untilFree } from './until-free.js';

/** How often to look for what other processes wrote, in ms. */
const POLL = 250;
/** How often leases are renewed, in ms: three renewals may come to nothing before one expires. */
const RENEW = 2_500;
/** How long to leave a database alone that fails, in ms. */
const TROUBLE = 1_000;

const DAMAGED: AttemptOutcome = {
  status: 'failed',
  error:
    'its row in callback_deliveries is damaged: `delivery` is not the JSON of a delivery. Fix: write it there, and retry()',
};

/** Makes the error that users see. */
type Explain = (error: unknown) => Error;

/**
 * Hands what is ready to a worker and writes down what comes of it, in passes: one pass is one transaction, and none
 * where there is nothing to do.
 */
export class DeliveryLoop {
  readonly #logger = new AppLogger('SqliteQueue');
  readonly #inFlight = new Set<Lease>();
  readonly #waiters = new IdleWaiters();
  #ended: Ended[] = [];
  #renewAt = 0;
  #servedHost = '';
  #isTaking: boolean;
  #isClosed = false;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failingSince: number | undefined;
  #reported: string | undefined;

  constructor(
    private readonly table: LeaseTable,
    private readonly worker: QueueWorker,
    private readonly explain: Explain,
  ) {
    this.#isTaking = worker.concurrency > 0;
  }

  /** Makes a pass after this turn of the event loop. */
  wake(): void {
    if (this.#isClosed || (!this.#isTaking && this.#isIdle())) return;
    this.#immediate ??= setImmediate(() => this.#pass());
  }

  /** Takes nothing more, and resolves once all that is in flight has ended and is written down, or after `grace` ms. */
  async stop(grace: number): Promise<void> {
    this.#isTaking = false;
    if (!this.#isIdle()) await this.#waiters.wait(grace);
  }

  /** Writes down what has ended. The leases of what has not will expire. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isTaking = false;
    try {
      if (this.#ended.length > 0) await untilFree(() => transact(this.table.database, () => this.#settle()));
    } catch (error) {
      const ids = this.#ended.map(({ lease }) => lease.id).join(', ');
      this.#logger.error(`These have ended, and will be attempted again: ${ids}. ${this.explain(error).message}`);
    }
    this.#isClosed = true;
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.table.database.close();
  }

  #pass(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#immediate = undefined;
    const now = Date.now();
    let pause: number;
    try {
      if (this.#hasWork(now)) this.#work(now);
      this.#failingSince = undefined;
      this.#reported = undefined;
      pause = this.#isTaking ? Math.min(POLL, Math.max(1, this.table.nextDue() - now)) : POLL;
    } catch (error) {
      this.#failingSince ??= now;
      const isUsual = isBusy(error) && now - this.#failingSince < PATIENCE;
      pause = isUsual ? pauseOfBusy() : TROUBLE;
      if (!isUsual) this.#report(this.explain(error).message);
    }
    if (this.#isIdle()) this.#waiters.tell();
    if (this.#isTaking || !this.#isIdle()) this.#timer = setTimeout(() => this.#pass(), pause);
  }

  #hasWork(now: number): boolean {
    if (this.#ended.length > 0 || this.#mustRenew(now)) return true;
    if (!this.#isTaking) return false;
    return this.table.isOverdue(now) || !this.#hostsWithRoom().next().done;
  }

  #work(now: number): void {
    const leases = transact(this.table.database, () => {
      this.#settle();
      if (this.#mustRenew(now)) this.table.renew(this.#inFlight, now);
      if (!this.#isTaking) return [];
      this.table.moveOverdue(now);
      return this.#takeLeases(now);
    });
    this.#ended = [];
    if (this.#mustRenew(now) || this.#inFlight.size === 0) this.#renewAt = now + RENEW;
    for (const lease of leases) void this.#attempt(lease);
  }

  /** What has ended stays in the list until the transaction is committed. */
  #settle(): void {
    for (const ended of this.#ended) this.table.settle(ended);
  }

  #takeLeases(now: number): Lease[] {
    const leases: Lease[] = [];
    for (const host of this.#hostsWithRoom()) {
      const free = this.worker.concurrency - this.#inFlight.size - leases.length;
      if (free <= 0) break;
      leases.push(...this.table.lease(host, Math.min(free, this.worker.room(host)), now));
      this.#servedHost = host;
    }
    return leases;
  }

  *#hostsWithRoom(): Generator<string> {
    if (this.#inFlight.size >= this.worker.concurrency) return;
    for (const host of this.table.hostsAfter(this.#servedHost)) if (this.worker.room(host) > 0) yield host;
  }

  async #attempt(lease: Lease): Promise<void> {
    this.#inFlight.add(lease);
    const delivery = readDelivery(lease.id, lease.text);
    const outcome = delivery ? await this.worker.attempt(delivery, lease.attempt) : DAMAGED;
    this.#inFlight.delete(lease);
    this.#ended.push({ lease, outcome, at: Date.now() });
    this.wake();
  }

  #mustRenew(now: number): boolean {
    return this.#inFlight.size > 0 && now >= this.#renewAt;
  }

  #isIdle(): boolean {
    return this.#inFlight.size === 0 && this.#ended.length === 0;
  }

  /** Once, and not in every pass that fails for the same reason. */
  #report(trouble: string): void {
    if (trouble !== this.#reported) this.#logger.error(trouble);
    this.#reported = trouble;
  }
}
