import { Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { CallbackQueueError, Callbacks } from 'nestjs-callbacks';
import type { PreparedCallback } from 'nestjs-callbacks';
import { database } from '../database.js';
import { Outbox } from './outbox.js';

/** How long to wait for a queue that is out of reach, in ms. */
const PAUSE = 1_000;

interface Row {
  readonly number: number;
  readonly delivery: string;
}

/** For a queue elsewhere: callbacks wait in a table until the queue has them. */
@Injectable()
export class TableOutbox extends Outbox implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(TableOutbox.name);
  #isFlushing = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(private readonly callbacks: Callbacks) {
    super();
    database.exec(`
      CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, delivery TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS refused_callbacks (delivery TEXT NOT NULL, reason TEXT NOT NULL) STRICT`);
  }

  save(delivery: PreparedCallback): void {
    database.prepare('INSERT INTO outbox (delivery) VALUES (?)').run(JSON.stringify(delivery));
  }

  flush(): void {
    clearTimeout(this.#timer);
    // One that is under way takes what was saved meanwhile, too.
    if (!this.#isFlushing) void this.#submitAll();
  }

  /** What a crash has left between the transaction and the queue. */
  onApplicationBootstrap(): void {
    this.flush();
  }

  beforeApplicationShutdown(): void {
    this.#isClosing = true;
    clearTimeout(this.#timer);
  }

  /** While the queue is out of reach they stay in the table, and are tried again. */
  async #submitAll(): Promise<void> {
    this.#isFlushing = true;
    try {
      for (let row = this.#next(); row; row = this.#next()) await this.#submit(row);
    } catch (error) {
      this.#logger.warn(error);
      if (!this.#isClosing) this.#timer = setTimeout(() => this.flush(), PAUSE);
    } finally {
      this.#isFlushing = false;
    }
  }

  #next(): Row | undefined {
    return database.prepare('SELECT number, delivery FROM outbox ORDER BY number LIMIT 1').get() as Row | undefined;
  }

  /** A callback that is submitted twice is one delivery: it is deleted once the queue has it, and not before. */
  async #submit({ number, delivery }: Row): Promise<void> {
    const reason = await this.#refusalOf(delivery);
    const settle = database.transaction(() => {
      database.prepare('DELETE FROM outbox WHERE number = ?').run(number);
      if (reason !== undefined) database.prepare('INSERT INTO refused_callbacks VALUES (?, ?)').run(delivery, reason);
    });
    settle();
  }

  /** What no queue will ever take is kept for somebody to look at, and holds up no other. */
  async #refusalOf(delivery: string): Promise<string | undefined> {
    try {
      await this.callbacks.submit(JSON.parse(delivery) as PreparedCallback);
      return undefined;
    } catch (error) {
      if (error instanceof CallbackQueueError) throw error;
      this.#logger.error(error);
      return String(error);
    }
  }
}
