import { Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { CallbackQueueError, Callbacks } from 'nestjs-callbacks';
import type { PreparedCallback } from 'nestjs-callbacks';
import { database } from '../database.js';
import { Outbox } from './outbox.js';

/** How long to wait for a queue that is out of reach, in ms. */
const PAUSE = 1_000;

/** For a queue elsewhere: callbacks wait in a table until the queue has them. */
@Injectable()
export class TableOutbox extends Outbox implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(TableOutbox.name);
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly callbacks: Callbacks) {
    super();
    database.exec('CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, delivery TEXT NOT NULL) STRICT');
  }

  save(delivery: PreparedCallback): void {
    database.prepare('INSERT INTO outbox (delivery) VALUES (?)').run(JSON.stringify(delivery));
  }

  /** While the queue is out of reach they stay in the table, and are tried again. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.#submitAll();
    } catch (error) {
      if (!(error instanceof CallbackQueueError)) throw error;
      this.#logger.warn(error.message);
      this.#timer = setTimeout(() => void this.flush(), PAUSE);
    }
  }

  /** What a crash has left between the transaction and the queue. */
  onApplicationBootstrap(): Promise<void> {
    return this.flush();
  }

  beforeApplicationShutdown(): void {
    clearTimeout(this.#timer);
  }

  /** A callback that is submitted twice is one delivery: it is deleted once the queue has it, and not before. */
  async #submitAll(): Promise<void> {
    const rows = database.prepare('SELECT number, delivery FROM outbox ORDER BY number').all();
    for (const { number, delivery } of rows as { number: number; delivery: string }[]) {
      await this.callbacks.submit(JSON.parse(delivery) as PreparedCallback);
      database.prepare('DELETE FROM outbox WHERE number = ?').run(number);
    }
  }
}
