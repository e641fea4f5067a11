import { hasHost } from '../expression/parse-url.js';
import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import type { Lane, LeaseTable } from './lease-table.js';
import { laneOf } from './stored-row.js';

/** The most receivers in one pass, the number that is read at once, and how many more than there are slots. */
const RECEIVERS = { perPass: 1_000, atOnce: 100, spare: 20 };

/** Slots of the worker for a receiver that are not used yet. */
export interface Reservation {
  /** The value in its column. */
  readonly receiver: string;
  /** The receiver of the slots; absent if it is not a URL, since no slots were acquired then. */
  readonly name?: string;
  slots: number;
}

/**
 * Goes round the receivers and asks the worker for slots. A pass has a limit, and the next one continues where it
 * ended, so that a hundred thousand receivers without slots do not delay the others.
 */
export class LaneWalker {
  /** The receivers after which the round began and after which it continues; `undefined` for the first one. */
  #begin: string | undefined;
  #last: string | undefined;
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
    // Its deliveries are taken without slots, because they are damaged and nothing is sent.
    if (name === undefined || laneOf(name) !== receiver || !hasHost(name)) return { receiver, slots: most };
    return { receiver, name, slots: this.worker.acquire(name, most) };
  }

  #endCircle(): false {
    this.#begin = this.#last;
    this.#hasWrapped = false;
    return false;
  }
}

/** Compares bytes, as the column does. */
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
