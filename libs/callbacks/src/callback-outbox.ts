import { Injectable } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import { Callbacks } from './callbacks.service.js';
import { OutboxLoop } from './delivery/outbox/outbox-loop.js';
import type { RunningOutbox } from './delivery/outbox/outbox-loop.js';
import type { PendingDelivery } from './delivery/outbox/outbox-row.js';

/** Not a member: subclasses have members of their own. */
const LOOPS = new WeakMap<object, RunningOutbox>();

/**
 * Gets callbacks from a table of your own to the queue. Save what `prepare()` gives in the transaction that makes the
 * callback due, and call `flush()` after the commit. A subclass says how its rows are read and put away, and is a provider
 * of your app. The rest is done here:
 *
 * - The rows are read again when the app starts, and every 2 s: what a crash left between commit and `flush()` is sent.
 * - While the queue is away the rows stay where they are, and are tried again every second.
 * - A row that no queue will ever take, such as one whose URL your `egress` has come to refuse, is handed to `refused()`,
 *   and holds up no other.
 * - Several replicas may read the same rows: a delivery that is submitted twice is one delivery.
 * - It stops when the app shuts down, before its queue does.
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
   * Begins to hand what is pending to the queue, and returns at once. Call it after the commit: a row that is not committed
   * yet waits for the next one. It never throws, and may be called at any time, as often as you like.
   */
  flush(): void {
    LOOPS.get(this)?.wake();
  }

  /** The first rows that are committed and neither settled nor refused, the oldest first. */
  protected abstract pending(limit: number): Promise<readonly PendingDelivery<Id>[]> | readonly PendingDelivery<Id>[];

  /** Deletes the row, or marks it: the queue holds its delivery. With several replicas it may be called twice. */
  protected abstract settled(id: Id): Promise<void> | void;

  /**
   * Marks the row, or moves it elsewhere, for somebody to look at: no queue will ever take its delivery. With several
   * replicas it may be called twice.
   *
   * @param reason - why, in a sentence, without secrets.
   */
  protected abstract refused(id: Id, reason: string): Promise<void> | void;
}

/**
 * What runs the outboxes of an app.
 *
 * @throws TypeError for an outbox that is made more than once, or not when the app starts.
 */
export function findOutboxLoops(discovery: DiscoveryService): RunningOutbox[] {
  const outboxes = discovery.getProviders().flatMap((wrapper) => {
    const { instance, metatype } = wrapper as { instance: unknown; metatype: { prototype?: unknown } | null };
    const isOutbox = instance instanceof CallbackOutbox || metatype?.prototype instanceof CallbackOutbox;
    if (!isOutbox) return [];
    if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) {
      throw new TypeError(
        `${wrapper.name} is an outbox, and cannot be made anew for each request or injection. Fix: make it a provider of the default scope, and inject nothing of another scope.`,
      );
    }
    return instance instanceof CallbackOutbox ? [instance] : [];
  });
  // What `useExisting` gives is found twice.
  return [...new Set(outboxes)].map((outbox) => LOOPS.get(outbox)!);
}
