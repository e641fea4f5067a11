import { hasHost } from '../expression/parse-url.js';
import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import type { LeaseTable } from './lease-table.js';

/** How many receivers are asked for in one pass, and read at once. */
const RECEIVERS = { perPass: 1_000, atOnce: 50 };

const FIRST: Buffer = Buffer.alloc(0);

/** Slots that the worker has for a receiver, and that no attempt was made with yet. */
export interface Reservation {
  readonly receiver: Buffer;
  /** As the worker knows it; absent if it is not a URL: no slot was asked for then. */
  readonly name?: string;
  slots: number;
}

/**
 * Goes from receiver to receiver, in a circle, and asks the worker for slots. A pass asks for so many receivers at the
 * most, and the next one goes on where it ended: a hundred thousand receivers without slots neither block the event loop
 * nor keep the others waiting.
 */
export class LaneWalker {
  /** Where the circle began, and where it goes on. */
  #begin = FIRST;
  #next = FIRST;
  #hasWrapped = false;

  constructor(
    private readonly table: LeaseTable,
    private readonly worker: QueueWorker,
  ) {}

  /**
   * Asks for slots until `free` are reserved or the pass is long enough.
   *
   * @param reservations - where they are added, so that they can be given back if this throws.
   * @returns whether receivers are left that were not asked for since the circle began.
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
    // Nothing is sent to it: what is in its line is taken to be told as damaged.
    if (!hasHost(name)) return { receiver, slots: most };
    return { receiver, name, slots: this.worker.acquire(name, most) };
  }

  #endCircle(): false {
    this.#begin = this.#next;
    this.#hasWrapped = false;
    return false;
  }
}

/** The bytes that come right after. */
function successorOf(receiver: Buffer): Buffer {
  return Buffer.concat([receiver, Buffer.from([0])]);
}
