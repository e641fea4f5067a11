import { setImmediate as endOfTurn, setTimeout as sleep } from 'node:timers/promises';
import type { AddedDelivery } from '../delivery/queue/callback-queue.js';
import type { NewRow } from './intake-table.js';
import { isBusy, PATIENCE_MS, pauseOfBusy } from './until-free.js';

/** How many rows one commit holds: it blocks the event loop for some 20 ms at most. */
const MAX_BATCH_SIZE = 500;

/** How a group is written. */
export interface GroupCommitOptions {
  /** Writes all or nothing, and says what became of each. */
  readonly write: (rows: readonly NewRow[]) => readonly AddedDelivery[];
  /** Makes the error that users see. */
  readonly explain: (error: unknown) => Error;
}

interface Waiting {
  readonly row: NewRow;
  readonly giveUpAt: number;
  readonly resolve: (added: AddedDelivery) => void;
  readonly reject: (error: Error) => void;
}

/** Writes what is added in one turn of the event loop in one commit: the disk is waited for once, not once for each. */
export class GroupCommit {
  readonly #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(private readonly options: GroupCommitOptions) {}

  /** Resolves once the row is committed. */
  add(row: NewRow): Promise<AddedDelivery> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, giveUpAt: performance.now() + PATIENCE_MS, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves once nothing waits to be written. */
  async end(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await endOfTurn();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, MAX_BATCH_SIZE);
      try {
        const added = this.options.write(group.map(({ row }) => row));
        for (const [index, { resolve }] of this.#waiting.splice(0, group.length).entries()) resolve(added[index]!);
        await endOfTurn();
      } catch (error) {
        const now = performance.now();
        const refused = isBusy(error) ? group.filter(({ giveUpAt }) => giveUpAt <= now) : group;
        // The oldest stand first.
        for (const { reject } of this.#waiting.splice(0, refused.length)) reject(this.options.explain(error));
        await sleep(pauseOfBusy());
      }
    }
    this.#writing = undefined;
  }
}
