import { AppLogger, LogLine } from '../delivery/app-logger.js';
import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import { IdleWaiters } from '../delivery/queue/idle-waiters.js';
import { LaneWalker } from '../delivery/queue/lane-walker.js';
import type { Reservation } from '../delivery/queue/lane-walker.js';
import { WorkInHand } from '../delivery/queue/work-in-hand.js';
import type { ClaimedEvent } from '../delivery/queue/work-in-hand.js';
import type { Lease, LeaseTable } from './lease-table.js';
import { transact } from './sqlite-database.js';
import { isBusy, PATIENCE_MS, pauseOfBusy, untilFree } from './sqlite-error.js';
import type { UntoldTable, UpkeepTable } from './upkeep-table.js';
import { readDelivery, readSummary, textOf } from './blob-row.js';
import type { SqliteSummaryRow } from './blob-row.js';

/** How often to check for changes by other processes, in ms. */
const POLL_MS = 250;
/** How often leases are renewed, in ms. A lease expires after three failed renewals. */
const RENEW_MS = 2_500;
/** How long to wait after an error of the database, in ms. */
const ERROR_BACKOFF_MS = 1_000;
/** How often space in the file is released, in ms. */
const HOUSEKEEPING_MS = 1_000;

/** The options of a loop. */
export interface DeliveryLoopOptions {
  readonly title: string;
  readonly worker: QueueWorker;
  readonly leases: LeaseTable;
  readonly upkeep: UpkeepTable;
  readonly untold: UntoldTable;
  /** Creates the error for users. */
  readonly explain: (error: unknown) => Error;
  /** Throws if the file was deleted, moved or replaced. */
  readonly checkFile: () => void;
}

/** The changes of a transaction, which count once it is committed. */
interface Changes {
  /** How many ended attempts and announced events it stores. */
  readonly ended: number;
  readonly told: number;
  readonly cancelled: SqliteSummaryRow[];
  readonly claimed: ClaimedEvent[];
}

/**
 * Passes ready deliveries to a worker and stores the outcomes. Each pass is one transaction, or none if there is
 * nothing to do.
 */
export class DeliveryLoop {
  readonly #logger = new AppLogger('SqliteQueue');
  readonly #waiters = new IdleWaiters();
  readonly #lanes: LaneWalker<Buffer>;
  readonly #work: WorkInHand<Lease>;
  /** The next three are by `performance.now()`, since the clock of the system can be set. */
  #renewAt = 0;
  #housekeepingAt = 0;
  #failingSince: number | undefined;
  #isTaking: boolean;
  #isClosed = false;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #reported = new Set<string>();

  constructor(private readonly options: DeliveryLoopOptions) {
    const { title, worker } = options;
    this.#isTaking = worker.concurrency > 0;
    this.#lanes = new LaneWalker(worker);
    const table = 'callback_deliveries';
    this.#work = new WorkInHand({ title, table, logger: this.#logger, worker, wake: () => this.wake() });
  }

  /** Makes a pass in the next turn of the event loop. */
  wake(): void {
    if (this.#isClosed || (!this.#isTaking && this.#work.isIdle)) return;
    this.#immediate ??= setImmediate(() => this.#pass());
  }

  /**
   * Takes no more deliveries, and resolves once all attempts in flight have ended and are stored, or after `grace` ms.
   */
  async stop(grace: number): Promise<void> {
    this.#isTaking = false;
    if (!this.#work.isIdle) await this.#waiters.wait(grace);
  }

  /** Stores ended attempts. The leases of all others will expire. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isTaking = false;
    const { database } = this.options.leases;
    try {
      if (this.#work.hasEnded) this.#announce(await untilFree(() => transact(database, () => this.#settle())));
    } catch (error) {
      const message = `The outcomes of attempts could not be stored, so the attempts will be repeated. ${this.options.explain(error).message}`;
      this.#logger.error(new LogLine(message, { ids: this.#work.ended.map(({ lease }) => textOf(lease.id)) }));
    }
    this.#isClosed = true;
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    database.close();
  }

  #pass(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#immediate = undefined;
    const now = Date.now();
    const begin = performance.now();
    let pause: number;
    try {
      const isMore = this.#run(now);
      this.#keepHouse();
      this.#failingSince = undefined;
      this.#reported.clear();
      if (this.#isTaking) {
        pause = Math.min(POLL_MS, Math.max(1, this.options.upkeep.nextDue() - now));
        // The search for receivers with slots may take at most a fifth of the time.
        if (isMore) pause = Math.min(pause, 4 * (performance.now() - begin));
      } else pause = POLL_MS;
    } catch (error) {
      this.#failingSince ??= begin;
      const isUsual = isBusy(error) && begin - this.#failingSince < PATIENCE_MS;
      pause = isUsual ? pauseOfBusy() : ERROR_BACKOFF_MS;
      if (!isUsual) this.#report(this.options.explain(error).message);
    }
    if (this.#work.isIdle) this.#waiters.tell();
    if (this.#isTaking || !this.#work.isIdle) this.#timer = setTimeout(() => this.#pass(), pause);
  }

  /** @returns whether there may be more receivers with slots. */
  #run(now: number): boolean {
    const { leases, upkeep, untold } = this.options;
    const isOverdue = this.#isTaking && (upkeep.isOverdue(now) || untold.isAny(now));
    const mustRenew = this.#work.inFlight.size > 0 && performance.now() >= this.#renewAt;
    const hasChores = isOverdue || mustRenew || this.#work.hasEnded;
    const reservations: Reservation<Buffer>[] = [];
    let isMore = false;
    try {
      // Checking whether there is anything to do needs no lock.
      if (!hasChores) isMore = this.#reserve(reservations);
      if (!hasChores && reservations.length === 0) return isMore;
      const [changes, taken] = transact(leases.database, () => {
        const changed = this.#settle();
        if (hasChores) {
          if (mustRenew) leases.renew(this.#work.inFlight, now);
          if (isOverdue) {
            changed.cancelled.push(...upkeep.moveOverdue(now));
            changed.claimed.push(...untold.claim(now));
          }
          isMore = this.#reserve(reservations);
        }
        return [changed, reservations.map(({ receiver, slots }) => leases.lease(receiver, slots, now))];
      });
      if (mustRenew || this.#work.inFlight.size === 0) this.#renewAt = performance.now() + RENEW_MS;
      this.#announce(changes);
      for (const [index, reservation] of reservations.entries()) this.#begin(taken[index]!, reservation);
    } finally {
      this.#lanes.release(reservations);
    }
    return isMore;
  }

  /** Stores ended attempts and announced events in the open transaction. */
  #settle(): Changes {
    const { leases, untold } = this.options;
    const { ended, told } = this.#work;
    const rows = ended.map((one) => leases.settle(one));
    const now = Date.now();
    for (const event of told) untold.settle(event, now);
    return { ended: ended.length, told: told.length, cancelled: rows.filter((row) => row !== undefined), claimed: [] };
  }

  /** Announces the changes of a transaction that is committed. */
  #announce({ cancelled, claimed, ...stored }: Changes): void {
    this.#work.stored(stored);
    this.#work.tellCancelled(cancelled.map(readSummary));
    this.#work.announce(claimed);
  }

  /** @returns whether there may be more receivers with slots. */
  #reserve(reservations: Reservation<Buffer>[]): boolean {
    if (!this.#isTaking) return false;
    const free = this.options.worker.concurrency - this.#work.inFlight.size;
    const pass = this.#lanes.reserve(free, reservations);
    let step = pass.next();
    while (!step.done) step = pass.next(this.options.leases.lanes(step.value));
    return step.value;
  }

  #begin(leases: readonly Lease[], reservation: Reservation<Buffer>): void {
    const receiver = reservation.receiver.toString();
    for (const lease of leases) if (this.#work.begin(lease, readDelivery(lease, receiver))) reservation.slots--;
  }

  #keepHouse(): void {
    const now = performance.now();
    if (!this.#isTaking || now < this.#housekeepingAt) return;
    this.#housekeepingAt = now + HOUSEKEEPING_MS;
    this.options.upkeep.shrink();
    this.#work.noteNewer(this.options.upkeep.newerVersion() ?? 0);
    try {
      this.options.checkFile();
    } catch (error) {
      this.#report(this.options.explain(error).message);
    }
  }

  /** Logs an error once, and not in every pass that fails for the same reason. */
  #report(trouble: string): void {
    if (!this.#reported.has(trouble)) this.#logger.error(trouble);
    this.#reported.add(trouble);
  }
}
