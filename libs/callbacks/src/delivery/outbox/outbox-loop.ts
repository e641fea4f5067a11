import { AsyncLocalStorage } from 'node:async_hooks';
import { AppLogger, messageOf } from '../app-logger.js';
import { withinLimit } from '../deadline.js';
import { readRow, submitRow } from './outbox-row.js';
import type { OutboxRow, PendingDelivery, RowOutcome } from './outbox-row.js';

/** The rows of an outbox, and the queue that they are submitted to. */
export interface OutboxRows<Id> {
  /** The name of the outbox in the log. */
  readonly title: string;
  pending(limit: number): Promise<readonly PendingDelivery<Id>[]> | readonly PendingDelivery<Id>[];
  settled(id: Id): Promise<void> | void;
  refused(id: Id, reason: string): Promise<void> | void;
  submit(delivery: unknown): Promise<unknown>;
}

const BATCH_SIZE = 50;

/** The most resting rows that are skipped to find those behind them. */
const MAX_WINDOW = 1_000;

/** How long to wait if the queue accepted nothing, in ms. */
const PAUSE_MS = 1_000;

/**
 * How often the rows are read without a flush, in ms, since another replica may have crashed between its commit and its
 * flush. A row that was tried rests for the same time, so that the rows behind it have their turn while the queue is
 * unreachable.
 */
const SWEEP_MS = 2_000;

/** A row that the queue does not accept, while it accepts others, rests twice as long each time, up to 64 s. */
const MAX_DOUBLINGS = 5;

/** A loop over rows with ids of any type. */
export type RunningOutbox = Pick<OutboxLoop<unknown>, 'wake' | 'start' | 'stop'>;

interface TriedRow {
  /** When it may be tried again. */
  readonly restsUntil: number;
  /** How often the queue accepted others but not this row. */
  readonly failures: number;
  readonly isDone: boolean;
}

/** Submits the rows of an outbox to the queue: one pass at a time, and each row until the queue accepts it. */
export class OutboxLoop<Id> {
  /** A request may call `flush()`, and the queries of a pass must not run in the transaction of the request. */
  readonly #inOwnContext = AsyncLocalStorage.snapshot();
  readonly #logger: AppLogger;
  /** Rows that were tried and may still be pending. */
  readonly #tried = new Map<string, TriedRow>();
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isWanted = false;
  #isPaused = false;
  #isStopped = false;
  #complaint = '';

  constructor(private readonly rows: OutboxRows<Id>) {
    this.#logger = new AppLogger(rows.title);
  }

  /**
   * Begins a pass, unless the loop pauses because the queue is unreachable: the pass after the pause finds the same
   * rows.
   */
  wake(): void {
    if (this.#isStopped || this.#isPaused) return;
    // The current pass may have read the rows just before the latest commit.
    this.#isWanted = true;
    this.#running ??= this.#inOwnContext(() => this.#run());
  }

  start(): void {
    this.#isStopped = false;
    this.#isPaused = false;
    this.wake();
  }

  /** Resolves once the current pass has ended, or after `limit` ms. Pending rows stay pending. */
  async stop(limit: number): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    if (this.#running) await withinLimit(this.#running, limit, () => undefined);
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    // flush() may be called inside a synchronous transaction, which ends before this continues.
    await Promise.resolve();
    let isAway = false;
    while (this.#isWanted && !this.#isStopped && !isAway) {
      this.#isWanted = false;
      isAway = !(await this.#pass());
    }
    this.#running = undefined;
    if (this.#isStopped) return;
    this.#isPaused = isAway;
    this.#timer = setTimeout(() => this.#resume(), isAway ? PAUSE_MS : SWEEP_MS);
    // Pending rows survive the process, so it may exit.
    this.#timer.unref();
  }

  #resume(): void {
    this.#isPaused = false;
    this.wake();
  }

  /** Continues until all rows are done or resting. Returns false if the queue or the app's database is unreachable. */
  async #pass(): Promise<boolean> {
    try {
      for (let rows = await this.#next(); rows.length > 0 && !this.#isStopped; rows = await this.#next()) {
        const outcomes = await Promise.all(rows.map((row) => submitRow(row, this.rows.submit)));
        const failed = outcomes.find((outcome) => outcome.status === 'failed');
        const isAway = failed !== undefined && !outcomes.some(({ status }) => status === 'taken');
        // One after the other, since the app may need its only connection for each.
        for (const [index, row] of rows.entries()) await this.#conclude(row, outcomes[index]!, isAway);
        if (isAway) return this.#complain(failed.error);
      }
    } catch (error) {
      return this.#complain(error);
    }
    if (this.#complaint !== '') this.#logger.log('The queue accepts callbacks of the outbox again.');
    this.#complaint = '';
    return true;
  }

  /** Returns the next rows that are not resting. */
  async #next(): Promise<readonly OutboxRow<Id>[]> {
    const now = performance.now();
    for (const [key, { restsUntil, isDone }] of this.#tried) {
      if (restsUntil < now - (isDone ? 0 : SWEEP_MS * 10)) this.#tried.delete(key);
    }
    for (let limit = BATCH_SIZE; ; limit *= 2) {
      const rows = (await this.rows.pending(limit)).map(readRow);
      const done = rows.find(({ key }) => this.#tried.get(key)?.isDone);
      if (done) {
        this.#logger.warn(
          `pending() returned ${done.title} again, which was settled or refused. Fix: delete or mark the row in settled() and refused(), and leave it out in pending().`,
        );
      }
      const fresh = rows.filter(({ key }) => (this.#tried.get(key)?.restsUntil ?? 0) <= now);
      if (fresh.length > 0 || rows.length < limit || limit > MAX_WINDOW) return fresh.slice(0, BATCH_SIZE);
    }
  }

  async #conclude(row: OutboxRow<Id>, outcome: RowOutcome, isAway: boolean): Promise<void> {
    const { id, title } = row;
    try {
      if (outcome.status === 'taken') await this.rows.settled(id);
      if (outcome.status === 'refused') {
        this.#logger.error(`No queue will accept ${title}: ${outcome.reason}`);
        await this.rows.refused(id, outcome.reason);
      }
      const isDone = outcome.status === 'taken' || outcome.status === 'refused';
      if (outcome.status === 'newer') this.#logger.warn(`A newer version of nestjs-callbacks prepared ${title}`);
      if (outcome.status === 'failed' && !isAway) {
        this.#logger.warn(`The queue accepts other rows but not ${title}: ${messageOf(outcome.error)}`);
      }
      this.#rest(row, isDone, isAway);
    } catch (error) {
      this.#logger.error(`The outcome of ${title} could not be stored, and it is submitted again: ${messageOf(error)}`);
      this.#rest(row, false, isAway);
    }
  }

  #rest({ key }: OutboxRow<Id>, isDone: boolean, isAway: boolean): void {
    const failures = isDone || isAway ? 0 : (this.#tried.get(key)?.failures ?? -1) + 1;
    const rest = SWEEP_MS * 2 ** Math.min(failures, MAX_DOUBLINGS);
    this.#tried.set(key, { restsUntil: performance.now() + rest, failures, isDone });
  }

  /** Logs each complaint once, and not every second. */
  #complain(error: unknown): false {
    const complaint = messageOf(error);
    if (complaint !== this.#complaint) {
      this.#logger.warn(`Callbacks wait in the outbox and are tried again every ${PAUSE_MS} ms: ${complaint}`);
    }
    this.#complaint = complaint;
    return false;
  }
}
