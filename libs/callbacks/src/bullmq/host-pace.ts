/** The assumed duration of an attempt before any has ended, in ms. */
const ASSUMED_DURATION_MS = 100;
/** The shortest time between two returning deliveries, in ms, so that a fast receiver does not cause a busy loop. */
const MIN_STEP_MS = 2;
/** The longest time that a delivery is postponed, in ms. */
export const MAX_DELAY_MS = 60_000;

/** When the next postponed jobs of a receiver return. */
export interface PutOffLine {
  readonly receiver: string;
  /** The delay of the first one, in ms. */
  readonly first: number;
  /** The delay between the others, in ms. */
  readonly step: number;
}

interface Pace {
  inFlight: number;
  /** The average duration of an attempt, in ms. */
  took: number;
  /** When the last attempt ended or the first one began. */
  moved: number;
  /** When the last postponed delivery returns. */
  last: number;
}

/**
 * Computes when a delivery returns whose receiver had no free slot. Deliveries to one receiver return one after the
 * other, as fast as slots become free, so that a hanging receiver costs almost nothing and a fast one is kept busy.
 *
 * The order is not kept: a newer delivery may be sent first, as with BullMQ's retries. No delivery starves: if the line
 * is too long, deliveries return at random within the longest time and try again.
 */
export class HostPace {
  readonly #receivers = new Map<string, Pace>();

  /** Measures an attempt until it ends. */
  async watch<T>(receiver: string, attempt: Promise<T>): Promise<T> {
    const began = performance.now();
    const pace = this.#receivers.get(receiver) ?? { inFlight: 0, took: ASSUMED_DURATION_MS, moved: began, last: began };
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

  /** Returns how long the next delivery is postponed, in whole ms. */
  putOff(receiver: string): number {
    const line = this.lineOf(receiver);
    if (line.first > MAX_DELAY_MS) return Math.ceil(Math.random() * MAX_DELAY_MS);
    this.note(line, 1);
    return Math.ceil(line.first);
  }

  lineOf(receiver: string): PutOffLine {
    const pace = this.#receivers.get(receiver);
    if (!pace) return { receiver, first: ASSUMED_DURATION_MS, step: ASSUMED_DURATION_MS };
    const now = performance.now();
    // A receiver without a recent outcome has become slower.
    const took = Math.max(pace.took, now - pace.moved);
    const step = Math.max(took / pace.inFlight, MIN_STEP_MS);
    return { receiver, first: Math.max(pace.last - now, 0) + step, step };
  }

  /** Notes how many deliveries were postponed, each one step after the other. */
  note({ receiver, step }: PutOffLine, count: number): void {
    const pace = this.#receivers.get(receiver);
    const now = performance.now();
    if (pace) pace.last = Math.min(Math.max(pace.last, now) + count * step, now + MAX_DELAY_MS);
  }
}
