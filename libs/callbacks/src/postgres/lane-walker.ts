import { hasHost } from '../expression/parse-url.js';
import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import type { Lane, LeaseTable } from './lease-table.js';
import { laneOf } from './stored-row.js';

/** How many receivers are asked for in one pass; how many are read at once, and how many more than there are slots. */
const RECEIVERS = { perPass: 1_000, atOnce: 100, spare: 20 };

/** Slots that the worker has for a receiver, and that no attempt was made with yet. */
export interface Reservation {
  /** As its column has it. */
  readonly receiver: string;
  /** As the worker knows it; absent if it is not a URL: no slot was asked for then. */
  readonly name?: string;
  slots: number;
}

/**
 * Goes from receiver to receiver, in a circle, and asks the worker for slots. A pass asks for so many receivers at the
 * most, and the next one goes on where it ended: a hundred thousand receivers without slots do not keep the others
 * waiting.
 */
export class LaneWalker {
  /** After which receiver the circle began, and after which it goes on; `undefined` at the first one. */
  #begin: string | undefined;
  #last: string | undefined;
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
  async reserve(free: number, reservations: Reservation[]): Promise<boolean> {
    let left = free;
    for (let asked = 0; asked < RECEIVERS.perPass && left > 0;) {
      const most = Math.min(left + RECEIVERS.spare, RECEIVERS.atOnce);
      const lanes = await this.table.lanes(this.#last, left, most);
      for (const lane of lanes) {
        if (this.#hasWrapped && isAfter(lane.receiver, this.#begin)) return this.#endCircle();
        this.#last = lane.receiver;
        asked++;
        const reservation = this.#ask(lane, Math.min(lane.ready, left));
        if (reservation.slots > 0) reservations.push(reservation);
        left -= reservation.slots;
        if (left <= 0) return this.#endCircle();
      }
      if (lanes.length === most) continue;
      if (this.#hasWrapped || this.#begin === undefined) return this.#endCircle();
      this.#hasWrapped = true;
      this.#last = undefined;
    }
    return left > 0;
  }

  release(reservations: readonly Reservation[]): void {
    for (const { name, slots } of reservations) {
      if (name !== undefined && slots > 0) this.worker.release(name, slots);
    }
  }

  #ask({ receiver, sample }: Lane, most: number): Reservation {
    const name = sample === null ? receiver : receiverIn(sample);
    // Nothing is sent to it: what is in its line is taken to be told as damaged.
    if (name === undefined || laneOf(name) !== receiver || !hasHost(name)) return { receiver, slots: most };
    return { receiver, name, slots: this.worker.acquire(name, most) };
  }

  #endCircle(): false {
    this.#begin = this.#last;
    this.#hasWrapped = false;
    return false;
  }
}

/** In the order of their bytes, which is that of the column. */
function isAfter(receiver: string, other: string | undefined): boolean {
  return other === undefined || Buffer.compare(Buffer.from(receiver), Buffer.from(other)) > 0;
}

function receiverIn(delivery: string): string | undefined {
  try {
    const { receiver } = JSON.parse(delivery) as { readonly receiver?: unknown };
    return typeof receiver === 'string' ? receiver : undefined;
  } catch {
    return undefined;
  }
}
