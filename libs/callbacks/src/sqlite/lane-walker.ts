import { hasHost } from '../expression/parse-url.js';
import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import type { LeaseTable } from './lease-table.js';

/** The most receivers in one pass, and the number that is read at once. */
const RECEIVERS = { perPass: 1_000, atOnce: 50 };

const FIRST: Buffer = Buffer.alloc(0);

/** Slots of the worker for a receiver that are not used yet. */
export interface Reservation {
  readonly receiver: Buffer;
  /** The receiver of the slots; absent if it is not a URL, since no slots were acquired then. */
  readonly name?: string;
  slots: number;
}

/**
 * Goes round the receivers and asks the worker for slots. A pass has a limit, and the next one continues where it
 * ended, so that a hundred thousand receivers without slots neither block the event loop nor delay the others.
 */
export class LaneWalker {
  /** The receivers where the round began and where it continues. */
  #begin = FIRST;
  #next = FIRST;
  #hasWrapped = false;

  constructor(
    private readonly table: LeaseTable,
    private readonly worker: QueueWorker,
  ) {}

  /**
   * Asks for slots until `free` are reserved or the limit of the pass is reached.
   *
   * @param reservations - the array to add them to, so that the slots can be returned if this throws.
   * @returns whether there are receivers left in this round.
   */
  reserve(free: number, reservations: Reservation[]): boolean {
    let left = free;
    for (let asked = 0; asked < RECEIVERS.perPass && left > 0;) {
      const most = Math.min(left, RECEIVERS.atOnce);
      const lanes = this.table.lanes(this.#next, left, most);
      for (const { receiver, ready } of lanes) {
        if (this.#hasWrapped && receiver.compare(this.#begin) >= 0) return this.#endCircle();
        this.#next = successorOf(receiver);
        asked++;
        const reservation = this.#ask(receiver, Math.min(ready, left));
        if (reservation.slots > 0) reservations.push(reservation);
        left -= reservation.slots;
        if (left <= 0) return this.#endCircle();
      }
      if (lanes.length === most) continue;
      if (this.#hasWrapped || this.#begin.length === 0) return this.#endCircle();
      this.#hasWrapped = true;
      this.#next = FIRST;
    }
    return left > 0;
  }

  release(reservations: readonly Reservation[]): void {
    for (const { name, slots } of reservations) {
      if (name !== undefined && slots > 0) this.worker.release(name, slots);
    }
  }

  #ask(receiver: Buffer, most: number): Reservation {
    const name = receiver.toString();
    // Its deliveries are taken without slots, because they are damaged and nothing is sent.
    if (!hasHost(name)) return { receiver, slots: most };
    return { receiver, name, slots: this.worker.acquire(name, most) };
  }

  #endCircle(): false {
    this.#begin = this.#next;
    this.#hasWrapped = false;
    return false;
  }
}

/** Returns the next string in the order of bytes. */
function successorOf(receiver: Buffer): Buffer {
  return Buffer.concat([receiver, Buffer.from([0])]);
}
