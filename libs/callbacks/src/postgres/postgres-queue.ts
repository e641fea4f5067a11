import { randomUUID } from 'node:crypto';
import { readSequenceCursor } from '../delivery/queue/deliveries.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type {
  AddedDelivery,
  CallbackQueue,
  CancelledDeliveries,
  QueueTransaction,
  QueueWorker,
} from '../delivery/queue/callback-queue.js';
import type {
  CallbackStats,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
} from '../delivery/queue/deliveries.js';
import { requirePeer } from '../errors/require-peer.js';
import { DeliveryLoop } from './delivery-loop.js';
import { DeliveryPages } from './delivery-pages.js';
import { GroupCommit } from './group-commit.js';
import { IntakeTable, rowOf } from './intake-table.js';
import { LeaseTable } from './lease-table.js';
import { OperatorTable } from './operator-table.js';
import type { PostgresDatabase } from './postgres-database.js';
import { postgresError } from './postgres-error.js';
import { readPostgresOptions } from './postgres-queue.options.js';
import type { PostgresQueueOptions, PostgresSettings } from './postgres-queue.options.js';
import { ensureSchema, tablesOf } from './schema.js';
import type { Tables } from './schema.js';
import { UntoldTable, UpkeepTable } from './upkeep-table.js';

/**
 * A queue in Postgres, in a schema of its own. Its deliveries are as safe as the database, and any number of machines
 * can share the work. If a process is killed, another one repeats its attempts fifteen seconds later. The queue can
 * join the app's own transaction: `enqueue(..., { transaction })`. It needs the package `pg`.
 *
 * A started queue keeps its process alive until it is stopped, unless the `concurrency` is 0.
 *
 * @throws TypeError that names every wrong option.
 * @throws Error if `pg` is missing or too old. It names the version needed.
 * @example
 * CallbacksModule.forRoot({ queue: postgresQueue({ connection: 'postgres://app@db.internal/app' }) });
 */
export function postgresQueue(options: PostgresQueueOptions): CallbackQueue {
  const settings = readPostgresOptions(options);
  requirePeer('pg', 'postgresQueue()');
  return new PostgresQueue(settings);
}

/** The open connections with their statements. */
interface Opened {
  readonly database: PostgresDatabase;
  readonly intake: IntakeTable;
  readonly operator: OperatorTable;
  readonly pages: DeliveryPages;
}

class PostgresQueue implements CallbackQueue {
  readonly title: string;
  readonly isTransactional = true;
  /** Private, so that it is not printed with the queue: it may contain a password. */
  readonly #settings: PostgresSettings;
  readonly #tables: Tables;
  readonly #commits: GroupCommit;
  #opened: Promise<Opened> | undefined;
  #loop: DeliveryLoop | undefined;
  #address = '';

  constructor(settings: PostgresSettings) {
    this.#settings = settings;
    this.#tables = tablesOf(settings.schema);
    this.title = `The queue in the schema ${settings.schema} of Postgres`;
    this.#commits = new GroupCommit(async (rows) => {
      const { intake } = await this.#open();
      const added = await intake.add(rows);
      this.#loop?.wake();
      return added;
    });
  }

  async add(delivery: CallbackDelivery, transaction?: QueueTransaction): Promise<AddedDelivery> {
    const row = rowOf(delivery);
    // Once it is committed, the loop finds it.
    if (transaction) return this.#ask(({ intake }) => intake.addIn(transaction, row));
    try {
      return await this.#commits.add(row);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async start(worker: QueueWorker): Promise<void> {
    await this.#loop?.close();
    await this.#ask(async ({ database, intake }) => {
      const name = randomUUID();
      const { remember } = this.#settings;
      this.#loop = new DeliveryLoop({
        title: this.title,
        worker,
        intake,
        leases: new LeaseTable(database, this.#tables, name, remember.keepBodies),
        upkeep: new UpkeepTable(database, this.#tables, name, remember),
        untold: new UntoldTable(database, this.#tables, name),
        explain: this.#explain,
      });
    });
    this.#loop?.wake();
  }

  async stop(grace: number): Promise<void> {
    await this.#loop?.stop(grace);
  }

  async close(): Promise<void> {
    await this.#commits.end();
    await this.#loop?.close();
    this.#loop = undefined;
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    await opened?.database.close();
  }

  delivery(id: string): Promise<DeliveryDetails | undefined> {
    return this.#askAfterAdmission(({ operator }) => operator.find(id));
  }

  async deliveries(filter: DeliveryFilter, { limit, cursor }: DeliveryPageRequest): Promise<DeliveryPage> {
    const before = readSequenceCursor(cursor);
    return this.#askAfterAdmission(({ pages }) => pages.find(filter, limit, before));
  }

  async retry(ids: readonly string[]): Promise<readonly string[]> {
    const retried = await this.#askAfterAdmission(({ operator }) => operator.retry(ids));
    this.#loop?.wake();
    return retried;
  }

  cancel(ids: readonly string[]): Promise<CancelledDeliveries> {
    return this.#askAfterAdmission(({ operator }) => operator.cancel(ids));
  }

  forget(ids: readonly string[]): Promise<readonly string[]> {
    return this.#askAfterAdmission(({ operator }) => operator.forget(ids));
  }

  stats(): Promise<CallbackStats> {
    return this.#askAfterAdmission(({ operator }) => operator.stats());
  }

  /** Runs a query after the rows of committed transactions have been moved to the queue. */
  #askAfterAdmission<Answer>(question: (opened: Opened) => Promise<Answer>): Promise<Answer> {
    return this.#ask(async (opened) => {
      await opened.intake.admit();
      return question(opened);
    });
  }

  async #ask<Answer>(question: (opened: Opened) => Promise<Answer>): Promise<Answer> {
    try {
      return await question(await this.#open());
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #open(): Promise<Opened> {
    if (!this.#opened) {
      const opening = this.#openDatabase();
      this.#opened = opening;
      opening.catch(() => {
        if (this.#opened === opening) this.#opened = undefined;
      });
    }
    return this.#opened;
  }

  /** Files that import `pg` are loaded only here. `postgresQueue()` has already checked that it is installed. */
  async #openDatabase(): Promise<Opened> {
    const { PostgresDatabase: Database } = await import('./postgres-database.js');
    const database = new Database(this.#settings.connection);
    this.#address = database.address;
    try {
      await ensureSchema(database, this.#settings);
    } catch (error) {
      await database.close();
      throw error;
    }
    return {
      database,
      intake: new IntakeTable(database, this.#tables),
      operator: new OperatorTable(database, this.#tables),
      pages: new DeliveryPages(database, this.#tables),
    };
  }

  readonly #explain = (error: unknown) => postgresError(this.#address, error);
}
