import type { AddedDelivery } from '../delivery/queue/callback-queue.js';
import type { NewRow } from './intake-table.js';
import { isAway } from './postgres-error.js';

/** The most rows, and about the most characters, of one statement. */
const MAX_GROUP = { rows: 200, characters: 1_000_000 };

interface WaitingRow {
  readonly row: NewRow;
  readonly resolve: (added: AddedDelivery) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes everything that is added during one statement in the next one, so that Postgres syncs its disk only once. */
export class GroupCommit {
  readonly #waiting: WaitingRow[] = [];
  #writing: Promise<void> | undefined;

  /** @param write - writes all rows or none, and returns the result of each. */
  constructor(private readonly write: (rows: readonly NewRow[]) => Promise<readonly AddedDelivery[]>) {}

  /** Resolves once the row is committed. */
  add(row: NewRow): Promise<AddedDelivery> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves once no row waits to be written. */
  async end(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writeGroup(this.#waiting.splice(0, this.#groupSize()));
    this.#writing = undefined;
  }

  async #writeGroup(group: readonly WaitingRow[]): Promise<void> {
    try {
      const added = await this.write(group.map(({ row }) => row));
      for (const [index, { resolve }] of group.entries()) resolve(added[index]!);
    } catch (error) {
      if (isAway(error)) {
        // Rows that were added later would also wait in vain.
        for (const { reject } of [...group, ...this.#waiting.splice(0)]) reject(error);
      } else if (group.length === 1) group[0]!.reject(error);
      // Postgres may reject only one of them, so they are written one by one.
      else for (const one of group) await this.#writeGroup([one]);
    }
  }

  #groupSize(): number {
    let characters = 0;
    const end = this.#waiting.findIndex(({ row }, index) => {
      characters += row.delivery.length + (row.body?.length ?? 0);
      return index > 0 && (characters > MAX_GROUP.characters || index >= MAX_GROUP.rows);
    });
    return end === -1 ? this.#waiting.length : end;
  }
}
