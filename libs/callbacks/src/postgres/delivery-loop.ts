import { AppLogger, LogLine } from '../delivery/app-logger.js';
import { IdleWaiters } from '../delivery/queue/idle-waiters.js';
import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import type { IntakeTable } from './intake-table.js';
import { LaneWalker } from '../delivery/queue/lane-walker.js';
import type { Reservation } from '../delivery/queue/lane-walker.js';
import { summaryIn } from '../delivery/queue/stored-row.js';
import type { SummaryRow } from '../delivery/queue/stored-row.js';
import { WorkInHand } from '../delivery/queue/work-in-hand.js';
import type { Lease, LeaseTable } from './lease-table.js';
import { isAway, isTransient } from './postgres-error.js';
import { leasedDelivery } from './stored-row.js';
import type { UntoldTable, UpkeepTable } from './upkeep-table.js';

/** How often to check for changes by other processes, in ms. */
const POLL_MS = 400;
/** How often leases are renewed, in ms. A connection may be silent until its timeout before a lease expires. */
const RENEW_MS = 2_500;
/** How long to wait after an error of the database, in ms. */
const ERROR_BACKOFF_MS = 500;
/** The most outcomes that one statement stores. */
const MAX_BATCH_SIZE = 500;

/** The options of a loop. */
export interface DeliveryLoopOptions {
  readonly title: string;
  readonly worker: QueueWorker;
  readonly intake: IntakeTable;
  readonly leases: LeaseTable;
  readonly upkeep: UpkeepTable;
  readonly untold: UntoldTable;
  /** Creates the error for users. */
  readonly explain: (error: unknown) => Error;
}

/** Passes ready deliveries to a worker and stores the outcomes, in passes. */
export class DeliveryLoop {
  readonly #logger = new AppLogger('PostgresQueue');
  readonly #waiters = new IdleWaiters();
  readonly #lanes: LaneWalker<string>;
  readonly #work: WorkInHand<Lease>;
  #renewAt = 0;
  #choresAt = 0;
  /** The most deliveries to take at once. Large bodies may take longer than a statement may, so it starts again at 1. */
  #most = Infinity;
  #isTaking: boolean;
  #isClosed = false;
  #running: Promise<void> | undefined;
  /** Whether another pass is needed, and the function that begins it if no pass is running. */
  #isWoken = false;
  #endPause: () => void = () => undefined;
  /** The last logged error since the database last worked. */
  #trouble = new Set<string>();

  constructor(private readonly options: DeliveryLoopOptions) {
    const { title, worker } = options;
    this.#isTaking = worker.concurrency > 0;
    this.#lanes = new LaneWalker(worker);
    const table = 'deliveries';
    this.#work = new WorkInHand({ title, table, logger: this.#logger, worker, wake: () => this.wake() });
  }

  /** Makes a pass as soon as possible. */
  wake(): void {
    this.#isWoken = true;
    this.#endPause();
    if (this.#hasWork()) this.#running ??= this.#run();
  }

  /**
   * Takes no more deliveries, and resolves once all attempts in flight have ended and are stored, or after `grace` ms.
   */
  async stop(grace: number): Promise<void> {
    this.#isTaking = false;
    this.wake();
    if (!this.#work.isIdle) await this.#waiters.wait(grace);
  }

  /** Stores ended attempts. The leases of all others will expire. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isTaking = false;
    this.#isClosed = true;
    this.wake();
    await this.#running;
    try {
      await this.#settle();
    } catch (error) {
      const message = `The outcomes of attempts could not be stored, so the attempts will be repeated. ${this.options.explain(error).message}`;
      this.#logger.error(new LogLine(message, { ids: this.#work.ended.map(({ lease }) => lease.id) }));
    }
  }

  #hasWork(): boolean {
    return !this.#isClosed && (this.#isTaking || !this.#work.isIdle);
  }

  async #run(): Promise<void> {
    while (this.#hasWork()) {
      this.#isWoken = false;
      let pause: number;
      try {
        pause = await this.#pass();
        if (this.#trouble.size > 0) this.#logger.log(`${this.options.title} works again.`);
        this.#trouble.clear();
      } catch (error) {
        pause = ERROR_BACKOFF_MS;
        this.#report(this.options.explain(error).message);
        this.#isWoken = false;
      }
      if (this.#work.isIdle) this.#waiters.tell();
      if (!this.#isWoken && this.#hasWork()) await this.#pause(pause);
    }
    this.#running = undefined;
    if (this.#work.isIdle) this.#waiters.tell();
  }

  /** @returns the time until the next pass, in ms. */
  async #pass(): Promise<number> {
    const begin = performance.now();
    await this.#settle();
    if (this.#work.inFlight.size > 0 && performance.now() >= this.#renewAt) {
      await this.options.leases.renew(this.#work.inFlight);
      this.#renewAt = performance.now() + RENEW_MS;
    }
    if (!this.#isTaking) return POLL_MS;
    if (performance.now() >= this.#choresAt) await this.#doChores();
    const isMore = await this.#take();
    const untilChores = Math.max(0, this.#choresAt - performance.now());
    // The search for receivers with slots may take at most a fifth of the time.
    return isMore ? Math.min(untilChores, 4 * (performance.now() - begin)) : untilChores;
  }

  /** Stores ended attempts and announced events. They are kept if that fails. */
  async #settle(): Promise<void> {
    const { leases, untold } = this.options;
    for (let most = MAX_BATCH_SIZE; this.#work.ended.length > 0;) {
      const some = this.#work.ended.slice(0, most);
      try {
        this.#tellCancelled(await leases.settle(some));
      } catch (error) {
        if (isAway(error)) throw error;
        // Postgres may reject only one of them, so they are stored one by one.
        if (most > 1) {
          most = 1;
          continue;
        }
        if (isTransient(error)) throw error;
        const message = `The outcome of an attempt could not be stored, so the attempt will be repeated: ${String(error)}`;
        this.#logger.error(new LogLine(message, { id: some[0]!.lease.id }));
      }
      this.#work.stored({ ended: some.length });
    }
    const { told } = this.#work;
    await untold.settle(told);
    this.#work.stored({ told: told.length });
  }

  #tellCancelled(rows: readonly SummaryRow[]): void {
    this.#work.tellCancelled(rows.map(summaryIn));
  }

  /** Returns the rows of this worker. */
  #held(): readonly number[] {
    const { inFlight, ended } = this.#work;
    return [...inFlight, ...ended.map(({ lease }) => lease)].map(({ sequence }) => sequence);
  }

  async #doChores(): Promise<void> {
    const { intake, upkeep, untold } = this.options;
    const chores = await upkeep.chores();
    if (chores.is_incoming) await intake.admit();
    if (chores.is_waiting_over) await upkeep.promote();
    if (chores.is_lease_over) this.#tellCancelled(await upkeep.takeOver(this.#held()));
    if (chores.is_old) await upkeep.forget();
    if (chores.are_many_counts) await upkeep.addUpCounts();
    if (chores.is_untold) this.#work.announce(await untold.claim());
    if (chores.newer !== null) this.#work.noteNewer(chores.newer);
    const isMore = chores.is_incoming || chores.is_waiting_over || chores.is_old;
    const next = Math.max(1, chores.next_due ?? POLL_MS);
    this.#choresAt = performance.now() + (isMore ? 1 : Math.min(POLL_MS, next));
  }

  /** @returns whether there may be more receivers with slots. */
  async #take(): Promise<boolean> {
    const free = Math.min(this.options.worker.concurrency - this.#work.inFlight.size, this.#most);
    const reservations: Reservation<string>[] = [];
    try {
      const isMore = free > 0 && (await this.#reserve(free, reservations));
      if (reservations.length === 0 || !this.#isTaking) return isMore;
      const leases = await this.#lease(reservations);
      if (this.#work.inFlight.size === 0) this.#renewAt = performance.now() + RENEW_MS;
      const byReceiver = new Map(reservations.map((reservation) => [reservation.receiver, reservation]));
      for (const lease of leases) {
        // stop() may have been called in the meantime, and no attempt begins after it.
        if (!this.#isTaking) this.#work.giveBack(lease);
        else if (this.#work.begin(lease, leasedDelivery(lease))) byReceiver.get(lease.receiver)!.slots--;
      }
      return isMore;
    } finally {
      this.#lanes.release(reservations);
    }
  }

  async #lease(reservations: readonly Reservation<string>[]): Promise<readonly Lease[]> {
    const before = this.#most;
    // Until it has succeeded.
    this.#most = 1;
    const leases = await this.options.leases.lease(reservations);
    this.#most = 2 * before;
    return leases;
  }

  async #reserve(free: number, reservations: Reservation<string>[]): Promise<boolean> {
    const pass = this.#lanes.reserve(free, reservations);
    let step = pass.next();
    while (!step.done) step = pass.next(await this.options.leases.lanes(step.value));
    return step.value;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Logs an error once, and not in every pass that fails for the same reason. */
  #report(trouble: string): void {
    if (!this.#trouble.has(trouble)) this.#logger.error(trouble);
    this.#trouble.add(trouble);
  }
}
