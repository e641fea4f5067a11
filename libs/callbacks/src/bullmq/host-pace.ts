/** How long an attempt takes where none has ended yet, in ms. */
const GUESS = 100;
/** The shortest time between two deliveries that come back, in ms: a fast receiver must not make a busy loop. */
const SHORTEST = 2;
/** How long a delivery is put off at most, in ms. */
export const LONGEST = 60_000;

interface Pace {
  inFlight: number;
  /** How long an attempt takes, on average, in ms. */
  took: number;
  /** When an attempt ended last, or the first began. */
  moved: number;
  /** When the last of those that were put off comes back. */
  last: number;
}

/**
 * Says when a delivery comes back that found no room at its receiver. Those of one receiver come back one after the other, as
 * fast as the receiver makes room, so that a receiver that hangs costs next to nothing, and one that is fast is kept busy.
 *
 * They come back in no order: a delivery may be overtaken by a newer one. BullMQ's retries do not keep one either. None
 * starves: those that the line is too long for come back at random within the longest time, and try again.
 */
export class HostPace {
  readonly #receivers = new Map<string, Pace>();

  /** Watches an attempt until it ends. */
  async watch<T>(receiver: string, attempt: Promise<T>): Promise<T> {
    const began = performance.now();
    const pace = this.#receivers.get(receiver) ?? { inFlight: 0, took: GUESS, moved: began, last: began };
    this.#receivers.set(receiver, pace);
    pace.inFlight++;
    try {
      return await attempt;
    } finally {
      pace.inFlight--;
      pace.moved = performance.now();
      pace.took += (pace.moved - began - pace.took) / 8;
      if (pace.inFlight === 0) this.#receivers.delete(receiver);
    }
  }

  /** For how long the next one is put off, in whole ms. */
  putOff(receiver: string): number {
    const now = performance.now();
    const pace = this.#receivers.get(receiver);
    if (!pace) return GUESS;
    const next = Math.max(pace.last, now) + this.stepOf(receiver);
    if (next > now + LONGEST) return Math.ceil(Math.random() * LONGEST);
    pace.last = next;
    return Math.ceil(next - now);
  }

  /** How long after one another deliveries come back, in ms. */
  stepOf(receiver: string): number {
    const pace = this.#receivers.get(receiver);
    if (!pace) return GUESS;
    // A receiver where nothing has moved for long is slower than it was.
    const took = Math.max(pace.took, performance.now() - pace.moved);
    return Math.max(took / pace.inFlight, SHORTEST);
  }

  /** Notes that more were put off, each a step after the one before. */
  noteMore(receiver: string, count: number, step: number): void {
    const pace = this.#receivers.get(receiver);
    if (pace) pace.last = Math.min(pace.last + count * step, performance.now() + LONGEST);
  }
}
