import { randomUUID } from 'node:crypto';
import { CallbackQueueError } from '../errors/callback.errors.js';
import { digestOf } from '../delivery/callback-delivery.js';
import type { CallbackDelivery, EnqueuedCallback, PreparedCallback } from '../delivery/callback-delivery.js';
import { readPreparedCallback } from '../delivery/read-delivery.js';
import { enqueuedCallback } from '../delivery/queue/callback-queue.js';
import type {
  AddedDelivery,
  CallbackQueue,
  CancelledDeliveries,
  QueueWorker,
} from '../delivery/queue/callback-queue.js';
import { readSequenceCursor } from '../delivery/queue/deliveries.js';
import type {
  CallbackStats,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
} from '../delivery/queue/deliveries.js';
import { openDatabase } from './sqlite-database.js';
import { DeliveryLoop } from './delivery-loop.js';
import { explainFailure, untilFree } from './sqlite-error.js';
import { GroupCommit } from './group-commit.js';
import { rowOf } from './intake-table.js';
import { LeaseTable } from './lease-table.js';
import { QueueConnection } from './queue-connection.js';
import { readSqliteQueueOptions } from './sqlite-queue.options.js';
import type { SqliteQueueOptions, SqliteQueueSettings } from './sqlite-queue.options.js';
import { UntoldTable, UpkeepTable } from './upkeep-table.js';

/** The result of `sqliteQueue()`. */
export interface SqliteQueue extends CallbackQueue {
  /**
   * Adds the result of `prepare()` synchronously. With `sqliteQueue({ database })`, it joins the open transaction of
   * the app's database, if there is one, and commits or rolls back with it. A skipped callback, or one whose id the
   * queue knows, changes nothing.
   *
   * @returns what `enqueue()` returns.
   * @throws CallbackContractError if it is not a result of `prepare()`, or if its key was used before for another body.
   * @throws CallbackQueueError if the database did not store it.
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
  insert(delivery: PreparedCallback): EnqueuedCallback;
}

/**
 * A queue in a SQLite file. Its deliveries survive a crash of the process and of the machine. Any number of processes
 * on one machine may share the file. Only one process attempts a delivery at a time; if it is killed, another one
 * repeats the attempt ten seconds later.
 *
 * A started queue keeps its process alive until it is stopped, unless the `concurrency` is 0.
 *
 * @throws TypeError that names every wrong option.
 * @example
 * \@Module({ imports: [CallbacksModule.forRoot({ queue: sqliteQueue({ file: 'callbacks.db' }) })] })
 * class AppModule {}
 */
export function sqliteQueue(options: SqliteQueueOptions): SqliteQueue {
  return new SqliteFileQueue(readSqliteQueueOptions(options));
}

/**
 * It has two connections. One adds deliveries and answers queries; its commits survive a power cut. The other belongs
 * to the loop and uses fast commits: an outcome that is lost in a power cut only means one more attempt. Neither is the
 * app's connection, where their statements would join a transaction of the app.
 */
class SqliteFileQueue implements SqliteQueue {
  readonly title: string;
  readonly #settings: SqliteQueueSettings;
  readonly #connection: QueueConnection;
  readonly #commits: GroupCommit;
  #loop: DeliveryLoop | undefined;
  #isClosed = false;

  constructor(settings: SqliteQueueSettings) {
    this.#settings = settings;
    this.title = `The queue in ${settings.file.path}`;
    this.#connection = new QueueConnection(settings);
    this.#commits = new GroupCommit({
      write: (rows) => {
        const added = this.#connection.add(rows);
        this.#loop?.wake();
        return added;
      },
      explain: this.#explain,
    });
  }

  async add(delivery: CallbackDelivery): Promise<AddedDelivery> {
    return this.#commits.add(rowOf(delivery));
  }

  insert(given: PreparedCallback): EnqueuedCallback {
    const prepared = readPreparedCallback(given);
    if (prepared.status === 'skipped') return prepared;
    const delivery = { ...prepared, digest: digestOf(prepared.request) };
    // Checked only here, since the app calls insert() on the queue itself, and add() through a wrapper that checks it.
    if (this.#isClosed) {
      throw new CallbackQueueError(`${this.title} is closed. Fix: use it before the app has shut down.`);
    }
    let added: AddedDelivery;
    try {
      added = this.#connection.insert(delivery);
    } catch (error) {
      throw this.#explain(error);
    }
    // If the app's transaction is still open then, the loop finds the delivery later.
    this.#loop?.wake();
    return enqueuedCallback(delivery, added);
  }

  async start(worker: QueueWorker): Promise<void> {
    this.#isClosed = false;
    await this.#connection.query(() => undefined);
    await this.#loop?.close();
    const { file, remember } = this.#settings;
    try {
      const database = await untilFree(() => openDatabase(file, { isDurable: false }));
      const name = randomUUID();
      this.#loop = new DeliveryLoop({
        title: this.title,
        worker,
        leases: new LeaseTable(database, name, remember.keepBodies),
        upkeep: new UpkeepTable(database, name, remember),
        untold: new UntoldTable(database, name),
        explain: this.#explain,
        checkFile: () => this.#connection.checkFile(),
      });
    } catch (error) {
      throw this.#explain(error);
    }
    this.#loop.wake();
  }

  async stop(grace: number): Promise<void> {
    await this.#loop?.stop(grace);
  }

  async close(): Promise<void> {
    await this.#commits.end();
    await this.#loop?.close();
    this.#loop = undefined;
    this.#connection.close();
    this.#isClosed = true;
  }

  delivery(id: string): Promise<DeliveryDetails | undefined> {
    return this.#connection.query(({ operator }) => operator.find(id));
  }

  async deliveries(filter: DeliveryFilter, { limit, cursor }: DeliveryPageRequest): Promise<DeliveryPage> {
    const before = readSequenceCursor(cursor);
    return this.#connection.query(({ pages }) => pages.find(filter, limit, before));
  }

  async retry(ids: readonly string[]): Promise<readonly string[]> {
    const retried = await this.#connection.query(({ operator }) => operator.retry(ids));
    this.#loop?.wake();
    return retried;
  }

  cancel(ids: readonly string[]): Promise<CancelledDeliveries> {
    return this.#connection.query(({ operator }) => operator.cancel(ids));
  }

  forget(ids: readonly string[]): Promise<readonly string[]> {
    return this.#connection.query(({ operator }) => operator.forget(ids));
  }

  stats(): Promise<CallbackStats> {
    return this.#connection.query(({ operator }) => operator.stats());
  }

  readonly #explain = (error: unknown) => explainFailure(this.#settings.file.path, error);
}
