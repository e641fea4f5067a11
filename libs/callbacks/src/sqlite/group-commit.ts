import { setImmediate as endOfTurn, setTimeout as sleep } from 'node:timers/promises';
import type { AddedDelivery } from '../delivery/queue/callback-queue.js';
import type { NewRow } from './intake-table.js';
import { isBusy, PATIENCE_MS, pauseOfBusy } from './sqlite-error.js';

/** The most rows in one commit, which blocks the event loop for about 20 ms at most. */
const MAX_BATCH_SIZE = 500;

/** The options of a group commit. */
export interface GroupCommitOptions {
  /** Writes all rows or none, and returns the result of each. */
  readonly write: (rows: readonly NewRow[]) => readonly AddedDelivery[];
  /** Creates the error for users. */
  readonly explain: (error: unknown) => Error;
}

interface WaitingRow {
  readonly row: NewRow;
  readonly giveUpAt: number;
  readonly resolve: (added: AddedDelivery) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Writes everything that is added in one turn of the event loop in one commit, so that the disk is waited for only
 * once.
 */
export class GroupCommit {
  readonly #waiting: WaitingRow[] = [];
  #writing: Promise<void> | undefined;

  constructor(private readonly options: GroupCommitOptions) {}

  /** Resolves once the row is committed. */
  add(row: NewRow): Promise<AddedDelivery> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, giveUpAt: performance.now() + PATIENCE_MS, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves once no row waits to be written. */
  async end(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await endOfTurn();
    /** How many of the first rows are written one by one. */
    let alone = 0;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, alone > 0 ? 1 : MAX_BATCH_SIZE);
      try {
        const added = this.options.write(group.map(({ row }) => row));
        for (const [index, { resolve }] of this.#waiting.splice(0, group.length).entries()) resolve(added[index]!);
        alone = Math.max(0, alone - group.length);
        await endOfTurn();
      } catch (error) {
        // SQLite may refuse only one of them, such as one that is too large for the disk.
        if (!isBusy(error) && group.length > 1) alone = group.length;
        else alone = Math.max(0, alone - this.#refuse(group, error));
        await (isBusy(error) ? sleep(pauseOfBusy()) : endOfTurn());
      }
    }
    this.#writing = undefined;
  }

  /** Rejects the rows, or only those that have waited for long enough if the database is busy. @returns how many. */
  #refuse(group: readonly WaitingRow[], error: unknown): number {
    const now = performance.now();
    const refused = isBusy(error) ? group.filter(({ giveUpAt }) => giveUpAt <= now) : group;
    // The oldest rows are first.
    for (const { reject } of this.#waiting.splice(0, refused.length)) reject(this.options.explain(error));
    return refused.length;
  }
}
