import { randomUUID } from 'node:crypto';
import { CallbackQueueError } from '../contract/callback-queue.error.js';
import type { CallbackDelivery, PreparedCallback } from '../delivery/callback-delivery.js';
import { checkDelivery } from '../delivery/check-delivery.js';
import type {
  CallbackQueue,
  CallbackStats,
  FailedDelivery,
  FailedPage,
  QueueWorker,
} from '../delivery/queue/callback-queue.js';
import { blocking, openDatabase } from './database-file.js';
import { DeliveryLoop } from './delivery-loop.js';
import { DeliveryTable, insertRow, rowOf } from './delivery-table.js';
import { explainFailure } from './explain-failure.js';
import { GroupCommit } from './group-commit.js';
import { LeaseTable } from './lease-table.js';
import { SCHEMA } from './schema.js';
import { readSqliteQueueOptions } from './sqlite-queue-options.js';
import type { SqliteQueueOptions, SqliteQueueSettings } from './sqlite-queue-options.js';
import { untilFree } from './until-free.js';

/** What `sqliteQueue()` gives. */
export interface SqliteQueue extends CallbackQueue {
  /**
   * Holds what `prepare()` gave, synchronously. With `sqliteQueue({ database })` it does so in the transaction that is
   * open on the app's database, if one is, and so commits or rolls back with what the app writes. A callback that is
   * skipped, or whose id is held already, changes nothing.
   *
   * @throws CallbackContractError where it is not what `prepare()` gave.
   * @throws CallbackQueueError where the database does not take it.
   * @example
   * const invoices = new Database('invoices.db');
   * const queue = sqliteQueue({ database: invoices });
   *
   * const delivery = await callbacks.prepare(InvoiceCallbacks, urls).invoiceNotification(event);
   * const pay = invoices.transaction((id: string) => {
   *   invoices.prepare('UPDATE invoices SET paid = 1 WHERE id = ?').run(id);
   *   queue.insert(delivery);
   * });
   * pay.immediate('2expen51ve');
   */
  insert(delivery: PreparedCallback): void;
}

/**
 * A queue in a SQLite file. What it holds survives a crash of the process and of the machine, and any number of
 * processes of one machine may share the file: each delivery is attempted by one of them at a time, and what a process
 * that is killed had in flight is attempted by another ten seconds later.
 *
 * A queue that is started keeps its process alive until it is stopped, unless its `concurrency` is 0.
 *
 * @throws TypeError where an option is wrong, naming it.
 * @example
 * \@Module({ imports: [CallbacksModule.forRoot({ queue: sqliteQueue({ file: 'callbacks.db' }) })] })
 * class AppModule {}
 */
export function sqliteQueue(options: SqliteQueueOptions): SqliteQueue {
  return new SqliteFileQueue(readSqliteQueueOptions(options));
}

/**
 * It has two connections of its own. One commits what is added, and tells what became of it; its commits survive a power
 * cut. The other belongs to the loop, where the fast commit will do: an outcome that is lost with the power is one more
 * attempt. Neither is the app's, on which all that they do would belong to a transaction that the app holds open.
 */
class SqliteFileQueue implements SqliteQueue {
  readonly #settings: SqliteQueueSettings;
  readonly #intake: GroupCommit;
  #table: DeliveryTable | undefined;
  #loop: DeliveryLoop | undefined;
  #starting: Promise<void> | undefined;
  #isStarted = false;
  #isClosed = false;

  constructor(settings: SqliteQueueSettings) {
    this.#settings = settings;
    this.#intake = new GroupCommit({
      write: (rows) => {
        this.#open().insertAll(rows);
        this.#loop?.wake();
      },
      explain: this.#explain,
    });
  }

  async add(delivery: CallbackDelivery): Promise<void> {
    await this.#intake.add(rowOf(delivery));
  }

  insert(delivery: PreparedCallback): void {
    checkDelivery(delivery);
    if (delivery.status === 'skipped') return;
    const { database } = this.#settings;
    const row = rowOf(delivery);
    try {
      if (database) {
        // Until the table is known to stand: a transaction that is rolled back takes it away again.
        if (!this.#table) database.exec(SCHEMA);
        insertRow(database, row);
      } else {
        const own = this.#open().database;
        blocking(own, () => insertRow(own, row));
      }
    } catch (error) {
      throw this.#explain(error);
    }
    // Where the app's transaction lasts longer than this turn, the loop finds it when it looks again.
    this.#loop?.wake();
  }

  async start(worker: QueueWorker): Promise<void> {
    if (this.#isStarted) {
      const { path } = this.#settings.file;
      throw new CallbackQueueError(`The queue in ${path} belongs to another app. Fix: give each its own.`);
    }
    this.#isStarted = true;
    this.#isClosed = false;
    const starting = this.#begin(worker);
    // Who stops or closes it meanwhile does so after that, whatever comes of it.
    this.#starting = starting.catch(() => undefined);
    await starting;
  }

  async stop(grace: number): Promise<void> {
    await this.#starting;
    await this.#loop?.stop(grace);
    this.#isStarted = false;
  }

  async close(): Promise<void> {
    await this.#starting;
    await this.#intake.end();
    await this.#loop?.close();
    this.#loop = undefined;
    this.#table?.database.close();
    this.#table = undefined;
    this.#isStarted = false;
    this.#isClosed = true;
  }

  failed(page: FailedPage): Promise<readonly FailedDelivery[]> {
    return this.#ask((table) => table.failed(page));
  }

  async retry(id: string): Promise<boolean> {
    const isRetried = await this.#ask((table) => table.retry(id));
    this.#loop?.wake();
    return isRetried;
  }

  stats(): Promise<CallbackStats> {
    return this.#ask((table) => table.stats());
  }

  async #begin(worker: QueueWorker): Promise<void> {
    const { file, remember } = this.#settings;
    try {
      await this.#ask(() => undefined);
      await this.#loop?.close();
      const connection = await untilFree(() => openDatabase(file, { isDurable: false }));
      this.#loop = new DeliveryLoop(new LeaseTable(connection, randomUUID(), remember), worker, this.#explain);
    } catch (error) {
      this.#isStarted = false;
      throw this.#explain(error);
    }
    this.#loop.wake();
  }

  async #ask<Answer>(question: (table: DeliveryTable) => Answer): Promise<Answer> {
    try {
      return await untilFree(() => question(this.#open()));
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #open(): DeliveryTable {
    if (this.#isClosed) {
      throw new CallbackQueueError(
        `The queue in ${this.#settings.file.path} is closed. Fix: use it before the app has shut down, or start it again.`,
      );
    }
    return (this.#table ??= new DeliveryTable(openDatabase(this.#settings.file, { isDurable: true })));
  }

  readonly #explain = (error: unknown) => explainFailure(this.#settings.file.path, error);
}
