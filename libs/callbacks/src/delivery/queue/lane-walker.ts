import { hasHost } from '../../expression/parse-url.js';
import type { QueueWorker } from './callback-queue.js';

/** The most receivers that are asked for in one pass, so that the event loop is blocked for a few ms at most. */
export const MAX_RECEIVERS = 1_000;

/** A receiver with ready deliveries. */
export interface Lane<Receiver> {
  /** The value in its column. */
  readonly receiver: Receiver;
  /** The receiver itself; absent if the row is damaged. */
  readonly name: string | undefined;
  /** The number of ready deliveries, counted up to a limit. */
  readonly ready: number;
}

/** The lanes to read: those after a receiver, in the order of the bytes in its column. */
export interface LaneRequest<Receiver> {
  /** `undefined` for the first ones. */
  readonly after: Receiver | undefined;
  /** The limit of `ready`. */
  readonly counted: number;
}

/** Some lanes, as many as a queue reads at once. */
export interface LanePage<Receiver> {
  readonly lanes: readonly Lane<Receiver>[];
  readonly isLast: boolean;
}

/** Slots of the worker for a receiver that are not used yet. */
export interface Reservation<Receiver> {
  /** The value in its column. */
  readonly receiver: Receiver;
  /** The receiver of the slots; absent if it is not a URL, since no slots were acquired then. */
  readonly name?: string;
  slots: number;
}

/**
 * Goes round the receivers in a table and asks the worker for slots. A pass has a limit, and the next one continues
 * where it ended, so that a hundred thousand receivers without slots neither block the event loop nor delay the others.
 */
export class LaneWalker<Receiver extends string | Uint8Array> {
  /** The receivers after which the round began and after which it continues; `undefined` for the first one. */
  #begin: Receiver | undefined;
  #last: Receiver | undefined;
  #hasWrapped = false;

  constructor(private readonly worker: QueueWorker) {}

  /**
   * Asks for slots until `free` are reserved or the limit of the pass is reached. It yields what to read and takes the
   * lanes, since one database answers at once and another one later.
   *
   * @param reservations - the array to add them to, so that the slots can be returned if the caller fails.
   * @returns whether there are receivers left in this round.
   */
  *reserve(
    free: number,
    reservations: Reservation<Receiver>[],
  ): Generator<LaneRequest<Receiver>, boolean, LanePage<Receiver>> {
    let left = free;
    for (let asked = 0; asked < MAX_RECEIVERS && left > 0;) {
      const { lanes, isLast } = yield { after: this.#last, counted: left };
      for (const lane of lanes) {
        if (this.#hasWrapped && isAfter(lane.receiver, this.#begin)) return this.#endRound();
        this.#last = lane.receiver;
        asked++;
        const reservation = this.#ask(lane, Math.min(lane.ready, left));
        if (reservation.slots > 0) reservations.push(reservation);
        left -= reservation.slots;
        if (left <= 0) return this.#endRound();
      }
      if (!isLast) continue;
      if (this.#hasWrapped || this.#begin === undefined) return this.#endRound();
      this.#hasWrapped = true;
      this.#last = undefined;
    }
    return left > 0;
  }

  release(reservations: readonly Reservation<Receiver>[]): void {
    for (const { name, slots } of reservations) {
      if (name !== undefined && slots > 0) this.worker.release(name, slots);
    }
  }

  #ask({ receiver, name }: Lane<Receiver>, most: number): Reservation<Receiver> {
    // Its deliveries are taken without slots, because they are damaged and nothing is sent.
    if (name === undefined || !hasHost(name)) return { receiver, slots: most };
    return { receiver, name, slots: this.worker.acquire(name, most) };
  }

  #endRound(): false {
    this.#begin = this.#last;
    this.#hasWrapped = false;
    return false;
  }
}

/** Compares bytes, as the column does. */
function isAfter(receiver: string | Uint8Array, other: string | Uint8Array | undefined): boolean {
  return other === undefined || Buffer.compare(bytesOf(receiver), bytesOf(other)) > 0;
}

function bytesOf(receiver: string | Uint8Array): Uint8Array {
  return typeof receiver === 'string' ? Buffer.from(receiver) : receiver;
}
