import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import type { HostPace } from './host-pace.js';
import type { JobLedger } from './job-ledger.js';

/** For how long a receiver that was refused a slot counts as one without, in ms. */
const BLOCKED_MS = 1_000;
/**
 * For how long slots are kept for jobs that were brought back, in ms. After that another process has taken the jobs, and may
 * have put them off again.
 */
const PROMISED_MS = 50;
/** How many receivers are put off in one call. */
const MAX_RECEIVERS = 500;
/** How many jobs of a receiver are brought back in one call. */
const MAX_BROUGHT_BACK = 1_000;

/**
 * The receivers without a slot. Their jobs wait in one line with those of the others: all that are near its head are put
 * off in one call, so that the line is passed as fast with fifty of them as with one. Each is brought back once its receiver
 * has a slot for it, or when its time has come, whatever is first.
 */
export class BlockedReceivers {
  /** Until when each is taken for one. */
  readonly #blocked = new Map<string, number>();
  /** Those with jobs that are put off. */
  readonly #parked = new Set<string>();
  /** How many slots jobs that were brought back are about to take. */
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

  /** Notes that a receiver was refused a slot, and resolves once its next jobs, and those of the others, are put off. */
  async add(receiver: string): Promise<void> {
    this.#keepPromise(receiver);
    this.#parked.add(receiver);
    // What was refused last stands last, and is forgotten last.
    this.#blocked.delete(receiver);
    this.#blocked.set(receiver, performance.now() + BLOCKED_MS);
    // What is refused while a call is on its way shares the next one.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return (this.#running = this.#putOff());
      });
    await this.#next;
  }

  /** Notes that a receiver was given a slot. */
  delete(receiver: string): void {
    this.#keepPromise(receiver);
    this.#blocked.delete(receiver);
  }

  /** Brings back jobs of a receiver that may have a slot now, as many as it has slots. */
  async freed(receiver: string): Promise<void> {
    if (this.#isStopped || !this.#parked.has(receiver)) return;
    this.#freed.add(receiver);
    // What is freed while a call is on its way shares the next one.
    if (this.#isBringingBack) return;
    this.#isBringingBack = true;
    try {
      while (this.#freed.size > 0) await this.#bringBack();
    } catch (error) {
      // They come back when their time has come.
      this.report(error);
    } finally {
      this.#isBringingBack = false;
    }
  }

  /** Brings nothing back from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#freed.clear();
  }

  async #putOff(): Promise<void> {
    const now = performance.now();
    for (const [receiver, until] of this.#blocked) if (until < now) this.#blocked.delete(receiver);
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
    const counts = await this.ledger.bringBack(asked);
    const broughtBack: string[] = [];
    for (const [index, { receiver, slots }] of asked.entries()) {
      if ((counts[index] ?? 0) === slots) broughtBack.push(receiver);
      else {
        this.#parked.delete(receiver);
        this.#promised.delete(receiver);
      }
    }
    setTimeout(() => {
      for (const receiver of broughtBack) if (this.#promised.delete(receiver)) void this.freed(receiver);
    }, PROMISED_MS).unref();
  }

  /** How many slots a receiver has that no job is about to take. */
  #slotsOf(receiver: string): number {
    const slots = this.worker.acquire(receiver, MAX_BROUGHT_BACK);
    this.worker.release(receiver, slots);
    return slots - (this.#promised.get(receiver) ?? 0);
  }

  /** A job of a receiver has asked for a slot. */
  #keepPromise(receiver: string): void {
    const promised = this.#promised.get(receiver) ?? 0;
    if (promised > 1) this.#promised.set(receiver, promised - 1);
    else this.#promised.delete(receiver);
  }
}
