import { AppLogger, LogLine } from '../delivery/app-logger.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import { summaryIn } from '../delivery/queue/stored-row.js';
import type { SummaryRow } from '../delivery/queue/stored-row.js';
import type { Ended, Lease, LeaseTable } from './lease-table.js';
import { isAway } from './postgres-error.js';
import { leasedDelivery } from './stored-row.js';
import { announce } from './untold-table.js';
import type { ClaimedEvent, UntoldTable } from './untold-table.js';

/** The most outcomes that one statement stores. */
const BATCH = 500;

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
  readonly #logger = new AppLogger('PostgresQueue');
  #telling = 0;
  #ended: readonly Ended[] = [];
  #told: readonly { readonly number: number; readonly isTold: boolean }[] = [];
  #newer = 0;

  constructor(private readonly options: WorkInHandOptions) {}

  get hasEnded(): boolean {
    return this.#ended.length > 0 || this.#told.length > 0;
  }

  get isIdle(): boolean {
    return this.inFlight.size === 0 && this.#telling === 0 && !this.hasEnded;
  }

  get endedIds(): readonly string[] {
    return this.#ended.map(({ lease }) => lease.id);
  }

  /** The rows of this worker. */
  get held(): readonly number[] {
    return [...this.inFlight, ...this.#ended.map(({ lease }) => lease)].map(({ sequence }) => sequence);
  }

  /** Makes the attempt. @returns whether there is one, which uses a slot. */
  begin(lease: Lease): boolean {
    const read = leasedDelivery(lease);
    if ('delivery' in read) {
      void this.#attempt(lease, read.delivery);
      return true;
    }
    if ('newer' in read) {
      this.noteNewer(read.newer);
      this.#end({ lease, outcome: { status: 'newer', version: read.newer }, at: performance.now() });
    } else {
      const error = `its row in deliveries is damaged: ${read.damage}. Fix: restore the row and retry() it, or forget() it`;
      this.#end({ lease, outcome: { status: 'damaged', error }, at: performance.now() });
    }
    return false;
  }

  /** Stores ended attempts. They are kept if that fails. */
  async settle(): Promise<void> {
    const { leases, untold } = this.options;
    for (let most = BATCH; this.#ended.length > 0;) {
      const some = this.#ended.slice(0, most);
      try {
        this.tellCancelled(await leases.settle(some));
      } catch (error) {
        if (isAway(error)) throw error;
        // Postgres may reject only one of them, so they are stored one by one.
        if (most > 1) {
          most = 1;
          continue;
        }
        const message = `The outcome of an attempt could not be stored, so the attempt will be repeated: ${String(error)}`;
        this.#logger.error(new LogLine(message, { id: some[0]!.lease.id }));
      }
      this.#ended = this.#ended.slice(some.length);
    }
    const told = this.#told;
    if (told.length === 0) return;
    const numbers = (isTold: boolean) => told.filter((one) => one.isTold === isTold).map(({ number }) => number);
    await untold.settle(numbers(true), numbers(false));
    this.#told = this.#told.slice(told.length);
  }

  tellCancelled(rows: readonly SummaryRow[]): void {
    for (const row of rows) this.#tell(this.options.worker.cancelled(summaryIn(row)));
  }

  announce(events: readonly ClaimedEvent[]): void {
    for (const event of events) {
      this.#tell(this.#announce(event));
    }
  }

  async #announce(event: ClaimedEvent): Promise<void> {
    const isTold = await announce(event, this.options.worker);
    this.#told = [...this.#told, { number: event.number, isTold }];
  }

  /** Warns once about deliveries that this version leaves to newer processes. */
  noteNewer(version: number): void {
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
    this.#end({ lease, outcome, at: performance.now() });
  }

  #end(ended: Ended): void {
    this.#ended = [...this.#ended, ended];
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
