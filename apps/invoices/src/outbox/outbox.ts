import type { PreparedCallback } from 'nestjs-callbacks';

/** Takes callbacks in the very transaction that makes them due, and gets them to the queue. */
export abstract class Outbox {
  /** Saves a callback; to be called within the transaction. */
  abstract save(delivery: PreparedCallback): void;

  /** Begins to hand what is saved to the queue; to be called after the transaction. */
  abstract flush(): void;
}
