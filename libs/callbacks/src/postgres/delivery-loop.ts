import { AppLogger } from '../delivery/app-logger.js';
import { IdleWaiters } from '../delivery/queue/idle-waiters.js';
import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import type { IntakeTable } from './intake-table.js';
import { LaneWalker } from './lane-walker.js';
import type { Reservation } from './lane-walker.js';
import type { LeaseTable } from './lease-table.js';
import type { UntoldTable } from './untold-table.js';
import type { UpkeepTable } from './upkeep-table.js';
import { WorkInHand } from './work-in-hand.js';

/** How often to look for what others wrote, in ms. */
const POLL_MS = 400;
/** How often leases are renewed, in ms: a connection may be silent for its whole patience before one expires. */
const RENEW_MS = 2_500;
/** How long to leave a database alone that fails, in ms. */
const ERROR_BACKOFF_MS = 500;

/** What a loop works on. */
export interface DeliveryLoopOptions {
  readonly title: string;
  readonly worker: QueueWorker;
  readonly intake: IntakeTable;
  readonly leases: LeaseTable;
  readonly upkeep: UpkeepTable;
  readonly untold: UntoldTable;
  /** Makes the error that users see. */
  readonly explain: (error: unknown) => Error;
}

/** Hands what is ready to a worker and writes down what comes of it, pass by pass. */
export class DeliveryLoop {
  readonly #logger = new AppLogger('PostgresQueue');
  readonly #waiters = new IdleWaiters();
  readonly #lanes: LaneWalker;
  readonly #work: WorkInHand;
  #renewAt = 0;
  #choresAt = 0;
  #isTaking: boolean;
  #isClosed = false;
  #running: Promise<void> | undefined;
  /** Whether a pass is wanted, and what begins it if none is under way. */
  #isWoken = false;
  #endPause: () => void = () => undefined;
  /** What the database was said to fail with, since it last worked. */
  #trouble = new Set<string>();

  constructor(private readonly options: DeliveryLoopOptions) {
    this.#isTaking = options.worker.concurrency > 0;
    this.#lanes = new LaneWalker(options.leases, options.worker);
    this.#work = new WorkInHand({ ...options, wake: () => this.wake() });
  }

  /** Makes a pass as soon as may be. */
  wake(): void {
    this.#isWoken = true;
    this.#endPause();
    if (this.#hasWork()) this.#running ??= this.#run();
  }

  /** Takes nothing more, and resolves once all that is in flight has ended and is written down, or after `grace` ms. */
  async stop(grace: number): Promise<void> {
    this.#isTaking = false;
    this.wake();
    if (!this.#work.isIdle) await this.#waiters.wait(grace);
  }

  /** Writes down what has ended. The leases of what has not will expire. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isTaking = false;
    this.#isClosed = true;
    this.wake();
    await this.#running;
    try {
      await this.#work.settle();
    } catch (error) {
      const ids = this.#work.endedIds.join(', ');
      this.#logger.error(
        `These have ended, and will be attempted again: ${ids}. ${this.options.explain(error).message}`,
      );
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

  /** @returns for how long there is nothing to do, in ms. */
  async #pass(): Promise<number> {
    const begin = performance.now();
    await this.#work.settle();
    if (this.#work.inFlight.size > 0 && performance.now() >= this.#renewAt) {
      await this.options.leases.renew(this.#work.inFlight);
      this.#renewAt = performance.now() + RENEW_MS;
    }
    if (!this.#isTaking) return POLL_MS;
    if (performance.now() >= this.#choresAt) await this.#doChores();
    const isMore = await this.#take();
    const untilChores = Math.max(0, this.#choresAt - performance.now());
    // Looking for a receiver that has slots takes a fifth of the time at the most.
    return isMore ? Math.min(untilChores, 4 * (performance.now() - begin)) : untilChores;
  }

  async #doChores(): Promise<void> {
    const { intake, upkeep, untold } = this.options;
    const chores = await upkeep.chores();
    if (chores.is_incoming) await intake.admit();
    if (chores.is_waiting_over) await upkeep.promote();
    if (chores.is_lease_over) this.#work.tellCancelled(await upkeep.takeOver(this.#work.held));
    if (chores.is_old) await upkeep.forget();
    if (chores.are_many_counts) await upkeep.addUpCounts();
    if (chores.is_untold) this.#work.announce(await untold.claim());
    if (chores.newer !== null) this.#work.noteNewer(chores.newer);
    const isMore = chores.is_incoming || chores.is_waiting_over || chores.is_old;
    const next = Math.max(1, chores.next_due ?? POLL_MS);
    this.#choresAt = performance.now() + (isMore ? 1 : Math.min(POLL_MS, next));
  }

  /** @returns whether there may be receivers with slots that were not asked for. */
  async #take(): Promise<boolean> {
    const free = this.options.worker.concurrency - this.#work.inFlight.size;
    const reservations: Reservation[] = [];
    try {
      const isMore = free > 0 && (await this.#lanes.reserve(free, reservations));
      // It may have been told to stop meanwhile.
      if (reservations.length === 0 || !this.#isTaking) return isMore;
      const leases = await this.options.leases.lease(reservations);
      if (this.#work.inFlight.size === 0) this.#renewAt = performance.now() + RENEW_MS;
      const byReceiver = new Map(reservations.map((reservation) => [reservation.receiver, reservation]));
      for (const lease of leases) {
        if (this.#work.begin(lease)) byReceiver.get(lease.receiver)!.slots--;
      }
      return isMore;
    } finally {
      this.#lanes.release(reservations);
    }
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

  /** Once, and not in every pass that fails for the same reason. */
  #report(trouble: string): void {
    if (!this.#trouble.has(trouble)) this.#logger.error(trouble);
    this.#trouble.add(trouble);
  }
}
