import { statSync } from 'node:fs';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { AddedDelivery } from '../delivery/queue/callback-queue.js';
import { blocking, closeDatabase, hasTables, openDatabase, transact } from './sqlite-database.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { DeliveryPages } from './delivery-pages.js';
import { explainFailure, untilFree } from './sqlite-error.js';
import { insertRow, prepareIntake, rowOf } from './intake-table.js';
import type { Intake, NewRow } from './intake-table.js';
import { OperatorTable } from './operator-table.js';
import { SCHEMA } from './schema.js';
import type { SqliteQueueSettings } from './sqlite-queue.options.js';
import { CallbackQueueError } from '../errors/callback.errors.js';

/** The open connection with its statements. */
interface OpenConnection {
  readonly database: SqliteDatabase;
  readonly intake: Intake;
  readonly operator: OperatorTable;
  readonly pages: DeliveryPages;
  readonly file: FileWatch;
}

/** The connection that adds deliveries and answers queries. It opens by itself, and again after it was closed. */
export class QueueConnection {
  #open: OpenConnection | undefined;

  constructor(private readonly settings: SqliteQueueSettings) {}

  /** Adds all deliveries or none. */
  add(rows: readonly NewRow[]): readonly AddedDelivery[] {
    const { database, intake, file } = this.#get();
    file.check();
    return transact(database, () => rows.map((row) => insertRow(intake, row)));
  }

  /**
   * Adds a delivery synchronously: in the app's transaction, if the queue uses the app's database and a transaction is
   * open.
   */
  insert(delivery: CallbackDelivery): AddedDelivery {
    const row = rowOf(delivery);
    const { database, file } = this.settings;
    if (!database) {
      const connection = this.#get();
      connection.file.check();
      return blocking(connection.database, () =>
        transact(connection.database, () => insertRow(connection.intake, row)),
      );
    }
    const insert = () => {
      // Checked until the tables are known to be committed, since a rollback could remove them again.
      if (!this.#open && !hasTables(database, file.path)) database.exec(SCHEMA);
      // The statements are not kept, since they would keep a closed connection of libsql open.
      return insertRow(prepareIntake(database), row);
    };
    return database.inTransaction ? insert() : transact(database, insert);
  }

  /** Runs a query once the database is free, and converts its errors for users. */
  async query<Result>(run: (connection: OpenConnection) => Result | Promise<Result>): Promise<Result> {
    try {
      return await untilFree(() => run(this.#get()));
    } catch (error) {
      throw explainFailure(this.settings.file.path, error);
    }
  }

  /** @throws CallbackQueueError if the file was deleted, moved or replaced. */
  checkFile(): void {
    this.#open?.file.check();
  }

  close(): void {
    if (this.#open) closeDatabase(this.#open.database, this.settings.file);
    this.#open = undefined;
  }

  #get(): OpenConnection {
    if (this.#open) return this.#open;
    const database = openDatabase(this.settings.file, { isDurable: true });
    try {
      const operator = new OperatorTable(database);
      const pages = new DeliveryPages(database);
      const file = new FileWatch(this.settings.file.path);
      return (this.#open = { database, intake: prepareIntake(database), operator, pages, file });
    } catch (error) {
      database.close();
      throw error;
    }
  }
}

/**
 * Notices that a file was deleted, replaced or moved. Its connections would continue without an error, and everything
 * they write would be lost when they are closed.
 */
class FileWatch {
  readonly #identity: string | undefined;

  /** @param path - the path of an open file. */
  constructor(private readonly path: string) {
    this.#identity = identityOf(path);
  }

  /** @throws CallbackQueueError if the path has another file now, or none. */
  check(): void {
    const now = identityOf(this.path);
    if (now === this.#identity) return;
    throw new CallbackQueueError(
      `The queue's database ${this.path} was ${now === undefined ? 'deleted or moved' : 'replaced'} while it was open, so further deliveries would be lost. Fix: stop every process that uses it, put the file back, and start them again.`,
    );
  }
}

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}
