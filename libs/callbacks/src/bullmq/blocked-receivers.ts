import type { HostPace } from './host-pace.js';
import type { JobLedger } from './job-ledger.js';

/** For how long a receiver that was refused a slot is taken for one that has none, in ms. */
const TAKEN_FOR_BLOCKED = 1_000;
/** How many receivers are put off in one call. */
const MOST = 500;

/**
 * The receivers without a slot. Their jobs wait in one line with those of the others: all that are near its head are put
 * off in one call, so that the line is passed as fast with fifty of them as with one.
 */
export class BlockedReceivers {
  /** Until when each is taken for one. */
  readonly #blocked = new Map<string, number>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(
    private readonly pace: HostPace,
    private readonly ledger: Pick<JobLedger, 'putOff'>,
  ) {}

  /** Notes that a receiver was refused a slot, and resolves once its next jobs, and those of the others, are put off. */
  async add(receiver: string): Promise<void> {
    // What was refused last stands last, and is forgotten last.
    this.#blocked.delete(receiver);
    this.#blocked.set(receiver, performance.now() + TAKEN_FOR_BLOCKED);
    // What is refused while a call is on its way shares the next one.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return (this.#running = this.#pass());
      });
    await this.#next;
  }

  /** Notes that a receiver was given a slot. */
  delete(receiver: string): void {
    this.#blocked.delete(receiver);
  }

  async #pass(): Promise<void> {
    const now = performance.now();
    for (const [receiver, until] of this.#blocked) if (until < now) this.#blocked.delete(receiver);
    const lines = [...this.#blocked.keys()].slice(-MOST).map((receiver) => this.pace.lineOf(receiver));
    const counts = await this.ledger.putOff(lines);
    for (const [index, line] of lines.entries()) this.pace.note(line, counts[index] ?? 0);
  }
}
