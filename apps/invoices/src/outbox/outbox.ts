import type { PreparedCallback } from 'nestjs-callbacks';

/** Saves callbacks in the transaction that makes them due, and moves them to the queue. */
export abstract class Outbox {
  /** Saves a callback. Call it within the transaction. */
  abstract save(delivery: PreparedCallback): void;

  /** Begins to move saved callbacks to the queue. Call it after the commit. */
  abstract flush(): void;
}
