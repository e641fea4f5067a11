import { Injectable } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import { Callbacks } from './callbacks.service.js';
import { OutboxLoop } from './delivery/outbox/outbox-loop.js';
import type { RunningOutbox } from './delivery/outbox/outbox-loop.js';
import type { PendingDelivery } from './delivery/outbox/outbox-row.js';

/** Not a member, since subclasses have their own members. */
const LOOPS = new WeakMap<object, RunningOutbox>();

/**
 * Moves callbacks from a table of your own to the queue. Save the result of `prepare()` in the transaction that makes
 * the callback due, and call `flush()` after the commit. Write a subclass that reads and settles the rows, and make it
 * a provider of your app. This class does the rest:
 *
 * - It also reads the rows when the app starts and every 2 s, so a crash between the commit and `flush()` loses
 *   nothing.
 * - While the queue is unreachable, the rows stay in the table and are tried again every second.
 * - A row that no queue will ever accept is passed to `refused()` and does not delay others. An example is a URL that
 *   your `egress` no longer allows.
 * - Several replicas may read the same rows: a delivery that is submitted twice is sent once.
 * - It stops before the queue when the app shuts down.
 *
 * @typeParam Id - the id of a row.
 * @example
 * const database = new Database('invoices.db');
 *
 * \@Injectable()
 * class InvoiceOutbox extends CallbackOutbox<number> {
 *   pending(limit: number) {
 *     const select = 'SELECT id, delivery FROM outbox WHERE refused IS NULL ORDER BY id LIMIT ?';
 *     return database.prepare(select).all(limit) as { id: number; delivery: string }[];
 *   }
 *   settled(id: number) {
 *     database.prepare('DELETE FROM outbox WHERE id = ?').run(id);
 *   }
 *   refused(id: number, reason: string) {
 *     database.prepare('UPDATE outbox SET refused = ? WHERE id = ?').run(reason, id);
 *   }
 * }
 */
@Injectable()
export abstract class CallbackOutbox<Id = string> {
  constructor(callbacks: Callbacks) {
    const loop = new OutboxLoop<Id>({
      title: this.constructor.name,
      pending: (limit) => this.pending(limit),
      settled: (id) => this.settled(id),
      refused: (id, reason) => this.refused(id, reason),
      submit: (delivery) => callbacks.submit(delivery),
    });
    LOOPS.set(this, loop);
  }

  /**
   * Begins to move pending rows to the queue, and returns at once. Call it after the commit: a row that is not
   * committed yet waits for the next call. It never throws, and you may call it at any time and as often as you like.
   */
  flush(): void {
    LOOPS.get(this)?.wake();
  }

  /** Returns the first rows that are committed and neither settled nor refused, oldest first. */
  protected abstract pending(limit: number): Promise<readonly PendingDelivery<Id>[]> | readonly PendingDelivery<Id>[];

  /**
   * Deletes or marks the row, because the queue now holds its delivery. With several replicas it may be called twice.
   */
  protected abstract settled(id: Id): Promise<void> | void;

  /**
   * Marks or moves the row for an operator, because no queue will ever accept its delivery. With several replicas it
   * may be called twice.
   *
   * @param reason - why, in a sentence without secrets.
   */
  protected abstract refused(id: Id, reason: string): Promise<void> | void;
}

/**
 * Returns the loops of all outboxes of an app.
 *
 * @throws TypeError for an outbox that is not a singleton, or is created after the start of the app.
 */
export function findOutboxLoops(discovery: DiscoveryService): RunningOutbox[] {
  const outboxes = discovery.getProviders().flatMap((wrapper) => {
    const { instance, metatype } = wrapper as { instance: unknown; metatype: { prototype?: unknown } | null };
    const isOutbox = instance instanceof CallbackOutbox || metatype?.prototype instanceof CallbackOutbox;
    if (!isOutbox) return [];
    if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) {
      throw new TypeError(
        `${wrapper.name} is an outbox, and must not be created for each request or injection. Fix: give it the default scope, and inject only providers of the default scope.`,
      );
    }
    return instance instanceof CallbackOutbox ? [instance] : [];
  });
  // A provider with an alias (`useExisting`) is found twice.
  return [...new Set(outboxes)].map((outbox) => LOOPS.get(outbox)!);
}
