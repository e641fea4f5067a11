import { AppLogger } from '../delivery/app-logger.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import type { Ended, Lease, LeaseTable } from './lease-table.js';
import { readDelivery, readSummary, textOf } from './stored-row.js';
import type { SqliteSummaryRow } from './stored-row.js';
import { announce } from './upkeep-table.js';
import type { ClaimedEvent, UntoldTable } from './upkeep-table.js';

/** The options of the work. */
export interface WorkInHandOptions {
  readonly title: string;
  readonly worker: QueueWorker;
  readonly leases: LeaseTable;
  readonly untold: UntoldTable;
  /** Called when an attempt has ended and must be stored. */
  readonly wake: () => void;
}

/** The attempts of this process: those in flight, and those that have ended but are not stored yet. */
export class WorkInHand {
  readonly inFlight = new Set<Lease>();
  readonly #logger = new AppLogger('SqliteQueue');
  #telling = 0;
  #ended: Ended[] = [];
  #told: { readonly claimed: ClaimedEvent; readonly isTold: boolean }[] = [];
  /** The changes of the open transaction, which are announced after its commit. */
  #cancelled: SqliteSummaryRow[] = [];
  #claimed: readonly ClaimedEvent[] = [];
  #newer = 0;

  constructor(private readonly options: WorkInHandOptions) {}

  get hasEnded(): boolean {
    return this.#ended.length > 0 || this.#told.length > 0;
  }

  get isIdle(): boolean {
    return this.inFlight.size === 0 && this.#telling === 0 && !this.hasEnded;
  }

  get endedIds(): readonly string[] {
    return this.#ended.map(({ lease }) => textOf(lease.id));
  }

  /** Makes the attempt. @returns whether there is one, which uses a slot. */
  begin(lease: Lease, receiver: string): boolean {
    const read = readDelivery(lease, receiver);
    if ('delivery' in read) {
      void this.#attempt(lease, read.delivery);
      return true;
    }
    if ('newer' in read) {
      this.noteNewer(read.newer);
      this.#end({ lease, outcome: { status: 'newer', version: read.newer }, at: Date.now() });
    } else {
      const error = `its row in callback_deliveries is damaged: ${read.damage}. Fix: restore the row and retry() it, or forget() it`;
      this.#end({ lease, outcome: { status: 'damaged', error }, at: Date.now() });
    }
    return false;
  }

  /** Stores ended attempts in the open transaction. They are kept until `committed()`. */
  settle(): void {
    const { leases, untold } = this.options;
    const now = Date.now();
    const rows = this.#ended.map((ended) => leases.settle(ended));
    this.#cancelled = rows.filter((row) => row !== undefined);
    for (const { claimed, isTold } of this.#told) untold.settle(claimed, isTold, now);
    this.#claimed = [];
  }

  /** Takes over cancelled deliveries and events from workers that are gone, in the same transaction. */
  takeOver(cancelled: readonly SqliteSummaryRow[], events: readonly ClaimedEvent[]): void {
    this.#cancelled.push(...cancelled);
    this.#claimed = events;
  }

  /** Announces the changes of the transaction. */
  committed(): void {
    const [cancelled, claimed] = [this.#cancelled, this.#claimed];
    this.#ended = [];
    this.#told = [];
    this.#cancelled = [];
    this.#claimed = [];
    for (const row of cancelled) this.#tell(this.options.worker.cancelled(readSummary(row)));
    for (const event of claimed) {
      const telling = announce(event, this.options.worker);
      this.#tell(telling.then((isTold) => void this.#told.push({ claimed: event, isTold })));
    }
  }

  /** Warns once about deliveries that this version leaves to newer processes. */
  noteNewer(version = 0): void {
    if (version <= this.#newer) return;
    this.#newer = version;
    this.#logger.warn(
      `${this.options.title} holds deliveries of format ${version}, which a newer nestjs-callbacks wrote. This process leaves them to newer processes. Fix: update nestjs-callbacks here.`,
    );
  }

  async #attempt(lease: Lease, delivery: CallbackDelivery): Promise<void> {
    this.inFlight.add(lease);
    const outcome = await this.options.worker.attempt(delivery, lease.attempts + 1);
    this.inFlight.delete(lease);
    this.#end({ lease, outcome, at: Date.now() });
  }

  #end(ended: Ended): void {
    this.#ended.push(ended);
    this.options.wake();
  }

  #tell(telling: Promise<void>): void {
    this.#telling++;
    void telling.finally(() => {
      this.#telling--;
      this.options.wake();
    });
  }
}
