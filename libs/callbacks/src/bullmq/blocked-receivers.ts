import type { HostPace } from './host-pace.js';
import type { JobLedger } from './job-ledger.js';

/** How long a receiver counts as blocked after it got no slot, in ms. */
const TAKEN_FOR_BLOCKED = 1_000;
/** The most receivers whose jobs are postponed in one call. */
const MAX_RECEIVERS = 500;

/**
 * The receivers without a slot. Their jobs are in one line with all others. All of them near the head are postponed in
 * one call, so that passing the line takes as long with fifty blocked receivers as with one.
 */
export class BlockedReceivers {
  /** The time until which each receiver counts as blocked. */
  readonly #blocked = new Map<string, number>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(
    private readonly pace: HostPace,
    private readonly ledger: Pick<JobLedger, 'putOff'>,
  ) {}

  /** Notes that a receiver got no slot, and resolves once the next jobs of all blocked receivers are postponed. */
  async add(receiver: string): Promise<void> {
    // The most recently blocked receiver is last, and is forgotten last.
    this.#blocked.delete(receiver);
    this.#blocked.set(receiver, performance.now() + TAKEN_FOR_BLOCKED);
    // Receivers that are blocked during a call share the next one.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return (this.#running = this.#pass());
      });
    await this.#next;
  }

  /** Notes that a receiver got a slot. */
  delete(receiver: string): void {
    this.#blocked.delete(receiver);
  }

  async #pass(): Promise<void> {
    const now = performance.now();
    for (const [receiver, until] of this.#blocked) if (until < now) this.#blocked.delete(receiver);
    const lines = [...this.#blocked.keys()].slice(-MAX_RECEIVERS).map((receiver) => this.pace.lineOf(receiver));
    const counts = await this.ledger.putOff(lines);
    for (const [index, line] of lines.entries()) this.pace.note(line, counts[index] ?? 0);
  }
}
