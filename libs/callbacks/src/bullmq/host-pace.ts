/** How long an attempt takes where none has ended yet, in ms. */
const GUESS = 100;
/** The shortest time between two deliveries that come back, in ms: a fast receiver must not make a busy loop. */
const SHORTEST = 2;
/** How long a delivery is put off at most, in ms. */
export const LONGEST = 60_000;

/** When the next jobs of a receiver come back. */
export interface PutOffLine {
  readonly receiver: string;
  /** When the first of them does, in ms. */
  readonly first: number;
  /** How long after one another the others do, in ms. */
  readonly step: number;
}

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
    const line = this.lineOf(receiver);
    if (line.first > LONGEST) return Math.ceil(Math.random() * LONGEST);
    this.note(line, 1);
    return Math.ceil(line.first);
  }

  lineOf(receiver: string): PutOffLine {
    const pace = this.#receivers.get(receiver);
    if (!pace) return { receiver, first: GUESS, step: GUESS };
    const now = performance.now();
    // A receiver where nothing has moved for long is slower than it was.
    const took = Math.max(pace.took, now - pace.moved);
    const step = Math.max(took / pace.inFlight, SHORTEST);
    return { receiver, first: Math.max(pace.last - now, 0) + step, step };
  }

  /** Notes how many were put off, each a step after the one before. */
  note({ receiver, step }: PutOffLine, count: number): void {
    const pace = this.#receivers.get(receiver);
    const now = performance.now();
    if (pace) pace.last = Math.min(Math.max(pace.last, now) + count * step, now + LONGEST);
  }
}
