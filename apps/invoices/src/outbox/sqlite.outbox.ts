import type { PreparedCallback } from 'nestjs-callbacks';
import type { SqliteQueue } from 'nestjs-callbacks/sqlite';
import { Outbox } from './outbox.js';

/** For the queue in the app's own database: a saved callback is in the queue as soon as the transaction commits. */
export class SqliteOutbox extends Outbox {
  constructor(private readonly queue: SqliteQueue) {
    super();
  }

  save(delivery: PreparedCallback): void {
    this.queue.insert(delivery);
  }

  flush(): void {}
}
