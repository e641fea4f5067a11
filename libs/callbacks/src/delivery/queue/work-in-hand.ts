import type { AppLogger } from '../app-logger.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import type { StoredDelivery } from '../read-delivery.js';
import type { AttemptOutcome, QueueWorker, UntoldEvent } from './callback-queue.js';
import type { DeliverySummary } from './deliveries.js';

/** The result of a lease: an ended attempt, or a row that cannot be attempted. */
export interface Ended<Lease> {
  readonly lease: Lease;
  readonly outcome:
    | AttemptOutcome
    | { readonly status: 'damaged'; readonly error: string }
    | { readonly status: 'newer'; readonly version: number };
  /** When it ended, by `performance.now()`. */
  readonly at: number;
}

/** An event that this worker announces. */
export interface ClaimedEvent {
  /** Its number in its table. */
  readonly number: number;
  /** As JSON. */
  readonly event: string;
}

/** An event that was announced, or that is left to another worker. */
export interface ToldEvent {
  readonly number: number;
  readonly isTold: boolean;
}

/** The options of the work. */
export interface WorkInHandOptions {
  /** The name of the queue. */
  readonly title: string;
  /** The name of its table. */
  readonly table: string;
  readonly logger: AppLogger;
  readonly worker: QueueWorker;
  /** Called when an attempt has ended and must be stored. */
  readonly wake: () => void;
}

/** The attempts of this process: those in flight, and those that have ended but are not stored yet. */
export class WorkInHand<Lease extends { readonly attempts: number }> {
  readonly inFlight = new Set<Lease>();
  readonly #ended: Ended<Lease>[] = [];
  readonly #told: ToldEvent[] = [];
  #telling = 0;
  #newer = 0;

  constructor(private readonly options: WorkInHandOptions) {}

  /** The attempts to store, in the order in which they ended. A copy, since others end while these are stored. */
  get ended(): readonly Ended<Lease>[] {
    return [...this.#ended];
  }

  /** The announced events to store: a copy, too. */
  get told(): readonly ToldEvent[] {
    return [...this.#told];
  }

  get hasEnded(): boolean {
    return this.#ended.length > 0 || this.#told.length > 0;
  }

  get isIdle(): boolean {
    return this.inFlight.size === 0 && this.#telling === 0 && !this.hasEnded;
  }

  /** Makes the attempt. @returns whether there is one, which uses a slot. */
  begin(lease: Lease, read: StoredDelivery): boolean {
    if ('delivery' in read) {
      void this.#attempt(lease, read.delivery);
      return true;
    }
    if ('newer' in read) {
      this.noteNewer(read.newer);
      this.#end(lease, { status: 'newer', version: read.newer });
    } else {
      const error = `its row in ${this.options.table} is damaged: ${read.damage}. Fix: restore the row and retry() it, or forget() it`;
      this.#end(lease, { status: 'damaged', error });
    }
    return false;
  }

  /** Ends a lease without an attempt, so that another process can take the delivery at once. */
  giveBack(lease: Lease): void {
    this.#end(lease, { status: 'postponed', delay: 0, error: '' });
  }

  /** Drops the first attempts and events, which are stored now. */
  stored({ ended = 0, told = 0 }: { readonly ended?: number; readonly told?: number }): void {
    this.#ended.splice(0, ended);
    this.#told.splice(0, told);
  }

  tellCancelled(deliveries: readonly DeliverySummary[]): void {
    for (const delivery of deliveries) this.#tell(this.options.worker.cancelled(delivery));
  }

  announce(events: readonly ClaimedEvent[]): void {
    for (const event of events) this.#tell(this.#announce(event));
  }

  /** Warns once about deliveries that this version leaves to newer processes. */
  noteNewer(version: number): void {
    if (version <= this.#newer) return;
    this.#newer = version;
    this.options.logger.warn(
      `${this.options.title} holds deliveries of format ${version}, which a newer nestjs-callbacks wrote. This process leaves them to newer processes. Fix: update nestjs-callbacks here.`,
    );
  }

  async #attempt(lease: Lease, delivery: CallbackDelivery): Promise<void> {
    this.inFlight.add(lease);
    const outcome = await this.options.worker.attempt(delivery, lease.attempts + 1);
    this.inFlight.delete(lease);
    this.#end(lease, outcome);
  }

  #end(lease: Lease, outcome: Ended<Lease>['outcome']): void {
    this.#ended.push({ lease, outcome, at: performance.now() });
    this.options.wake();
  }

  async #announce({ number, event }: ClaimedEvent): Promise<void> {
    const isTold = await this.options.worker.announce(parseEvent(event));
    this.#told.push({ number, isTold });
  }

  #tell(telling: Promise<void>): void {
    this.#telling++;
    void telling.finally(() => {
      this.#telling--;
      this.options.wake();
    });
  }
}

/** JSON.stringify() wrote it. If it was changed, the worker reports and drops it. */
function parseEvent(text: string): UntoldEvent {
  try {
    return JSON.parse(text) as UntoldEvent;
  } catch {
    return null;
  }
}
