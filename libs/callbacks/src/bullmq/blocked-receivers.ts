import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import { MAX_DELAY_MS } from './host-pace.js';
import type { HostPace } from './host-pace.js';
import type { JobLedger } from './job-ledger.js';

/** How long a receiver counts as blocked after it got no slot, in ms. */
const BLOCKED_MS = 1_000;
/**
 * How long slots are reserved for returned jobs, in ms. After that, another process has taken the jobs and may have
 * postponed them again.
 */
const PROMISED_MS = 50;
/** The most receivers whose jobs are postponed in one call. */
const MAX_RECEIVERS = 500;
/** The most jobs of a receiver that are returned in one call. */
const MAX_BROUGHT_BACK = 1_000;

/**
 * The receivers without a slot. Their jobs are in one line with all others. All of them near the head are postponed in
 * one call, so that passing the line takes as long with fifty blocked receivers as with one. A job returns once its
 * receiver has a slot for it and no other job waits, or when its delay ends, whichever is first.
 */
export class BlockedReceivers {
  /** The time until which each receiver counts as blocked. */
  readonly #blocked = new Map<string, number>();
  /** The receivers with postponed jobs, and when the last of them was postponed. */
  readonly #parked = new Map<string, number>();
  /** The receivers that are asked for again soon. */
  readonly #later = new Set<string>();
  /** How many slots of each receiver are reserved for returned jobs. */
  readonly #promised = new Map<string, number>();
  readonly #freed = new Set<string>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #isBringingBack = false;
  #isStopped = false;

  constructor(
    private readonly pace: HostPace,
    private readonly ledger: Pick<JobLedger, 'putOff' | 'bringBack'>,
    private readonly worker: Pick<QueueWorker, 'acquire' | 'release'>,
    private readonly report: (error: unknown) => void,
  ) {}

  /** Notes that a receiver got no slot, and resolves once the next jobs of all blocked receivers are postponed. */
  async add(receiver: string): Promise<void> {
    this.#keepPromise(receiver);
    this.#parked.delete(receiver);
    this.#parked.set(receiver, performance.now());
    // The most recently blocked receiver is last, and is forgotten last.
    this.#blocked.delete(receiver);
    this.#blocked.set(receiver, performance.now() + BLOCKED_MS);
    // Receivers that are blocked during a call share the next one.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return (this.#running = this.#putOff());
      });
    await this.#next;
  }

  /** Notes that a receiver got a slot. */
  delete(receiver: string): void {
    this.#keepPromise(receiver);
    this.#blocked.delete(receiver);
  }

  /** Returns as many jobs of a receiver as it may have slots now. */
  async freed(receiver: string): Promise<void> {
    if (this.#isStopped || !this.#parked.has(receiver)) return;
    this.#freed.add(receiver);
    // Slots that become free during a call share the next one.
    if (this.#isBringingBack) return;
    this.#isBringingBack = true;
    try {
      while (this.#freed.size > 0) await this.#bringBack();
    } catch (error) {
      // They return when their delay ends.
      this.report(error);
    } finally {
      this.#isBringingBack = false;
    }
  }

  /** Returns no more jobs. */
  stop(): void {
    this.#isStopped = true;
    this.#freed.clear();
  }

  async #putOff(): Promise<void> {
    const now = performance.now();
    for (const [receiver, until] of this.#blocked) if (until < now) this.#blocked.delete(receiver);
    // Jobs that were postponed longer ago have returned, maybe in another process.
    for (const [receiver, at] of this.#parked) if (at < now - 2 * MAX_DELAY_MS) this.#parked.delete(receiver);
    const lines = [...this.#blocked.keys()].slice(-MAX_RECEIVERS).map((receiver) => this.pace.lineOf(receiver));
    const counts = await this.ledger.putOff(lines);
    for (const [index, line] of lines.entries()) this.pace.note(line, counts[index] ?? 0);
  }

  async #bringBack(): Promise<void> {
    const asked = [...this.#freed].flatMap((receiver) => {
      const slots = this.#slotsOf(receiver);
      return slots > 0 ? [{ receiver, slots }] : [];
    });
    this.#freed.clear();
    if (asked.length === 0) return;
    for (const { receiver, slots } of asked) {
      this.#promised.set(receiver, (this.#promised.get(receiver) ?? 0) + slots);
    }
    const counts = await this.ledger.bringBack(asked).catch((error: unknown) => {
      for (const { receiver } of asked) this.#promised.delete(receiver);
      throw error;
    });
    const later: string[] = [];
    for (const [index, { receiver, slots }] of asked.entries()) {
      const isComplete = counts?.[index] === slots;
      if (!isComplete) this.#promised.delete(receiver);
      // Without counts, other jobs wait, which must not be overtaken.
      if (isComplete || counts === undefined) later.push(receiver);
      else this.#parked.delete(receiver);
    }
    this.#askLater(later);
  }

  /** Asks again for the jobs of receivers after the returned or waiting jobs had their turn. */
  #askLater(receivers: readonly string[]): void {
    const more = receivers.filter((receiver) => !this.#later.has(receiver));
    if (more.length === 0) return;
    for (const receiver of more) this.#later.add(receiver);
    setTimeout(() => {
      for (const receiver of more) {
        this.#later.delete(receiver);
        this.#promised.delete(receiver);
        void this.freed(receiver);
      }
    }, PROMISED_MS).unref();
  }

  /** Returns how many slots of a receiver are not reserved. */
  #slotsOf(receiver: string): number {
    const slots = this.worker.acquire(receiver, MAX_BROUGHT_BACK);
    this.worker.release(receiver, slots);
    return slots - (this.#promised.get(receiver) ?? 0);
  }

  /** Notes that a job of a receiver has asked for a slot. */
  #keepPromise(receiver: string): void {
    const promised = this.#promised.get(receiver) ?? 0;
    if (promised > 1) this.#promised.set(receiver, promised - 1);
    else this.#promised.delete(receiver);
  }
}
