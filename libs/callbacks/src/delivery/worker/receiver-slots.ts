import { networkOf } from '../egress/ip-address.js';
import type { Concurrency } from '../queue/concurrency-options.js';

/** How long an attempt may be in flight before it counts as hanging, in ms. */
const SLOW_AFTER_MS = 1_000;
/** The most receivers that are remembered without attempts in flight. */
const MAX_IDLE_RECEIVERS = 10_000;

/**
 * The experience with a receiver. `new`: it has not been tried, or its first attempt has just begun. `proven`: it has
 * replied, with any status. `hanging`: its latest attempt got no reply, or its first one is slow.
 */
type Standing = 'new' | 'proven' | 'hanging';

interface Receiver {
  readonly name: string;
  readonly host: string;
  /** Its last connected address, if it is known. */
  address: string | undefined;
  standing: Standing;
  /** How often it replied since it last hung. */
  answers: number;
  /** How often it hung after it had replied. */
  relapses: number;
  /** Its slots, acquired or in flight. */
  slots: number;
  /** Its attempts in flight. */
  inFlight: number;
  /** Its slow attempts in flight. */
  slow: number;
  /** Whether its last ended attempt got no reply. */
  isDown: boolean;
}

/** A receiver has gone down or come back up. */
export interface ReceiverChange {
  readonly receiver: string;
  readonly host: string;
  readonly isDown: boolean;
}

/** The slot of one attempt. */
export interface AttemptSlot {
  /** Notes the connected address of the receiver. */
  connected(address: string): void;

  /**
   * Returns the slot.
   *
   * @param hasAnswered - whether a reply of any status arrived; `undefined` if nothing was sent, which says nothing
   *   about the receiver.
   * @returns the change of the receiver, if there is one.
   */
  end(hasAnswered: boolean | undefined): ReceiverChange | undefined;
}

interface Attempt {
  readonly receiver: Receiver;
  readonly since: number;
}

/**
 * Shares the slots of this process among receivers, so that hanging and unproven ones do not stop the others:
 *
 * - A receiver has one slot until it replies. Each reply adds one, up to `perHost`. A connection that fails at once takes
 *   half of them. If the receiver hangs, one remains, and each further slot needs one more reply than before, until it has
 *   all of them again.
 * - All hanging receivers share a quarter of `total`, and all new ones another quarter. A new receiver whose attempt
 *   takes longer than a second counts as hanging from then on.
 * - The last quarter is reserved for proven receivers without slow attempts.
 * - `perHost` limits each host, and each known address of hosts.
 */
export class ReceiverSlots {
  readonly #receivers = new Map<string, Receiver>();
  readonly #byStanding = new Count<Standing>();
  readonly #byHost = new Count<string>();
  readonly #byAddress = new Count<string>();
  /** The attempts that are not slow yet, oldest first. */
  readonly #fresh = new Set<Attempt>();
  readonly #quarter: number;
  #taken = 0;

  constructor(
    private readonly limits: Concurrency,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#quarter = Math.max(1, Math.floor(limits.total / 4));
  }

  acquire(name: string, most: number): number {
    this.#noteSlow();
    const receiver = this.#receivers.get(name) ?? newReceiver(name);
    const slots = Math.max(0, Math.min(most, this.#leftFor(receiver)));
    if (slots > 0) this.#take(receiver, slots);
    return slots;
  }

  release(name: string, slots: number): void {
    const receiver = this.#receivers.get(name);
    // A custom queue may return more than it acquired.
    if (receiver) this.#take(receiver, -Math.min(slots, receiver.slots - receiver.inFlight));
  }

  /** Begins an attempt with an acquired slot. */
  begin(name: string): AttemptSlot {
    const receiver = this.#receivers.get(name) ?? newReceiver(name);
    // A custom queue may not have acquired a slot.
    if (receiver.slots === receiver.inFlight) this.#take(receiver, 1);
    receiver.inFlight++;
    const attempt: Attempt = { receiver, since: this.now() };
    this.#fresh.add(attempt);
    return {
      connected: (address) => this.#move(receiver, { address: networkOf(address) }),
      end: (hasAnswered) => this.#end(attempt, hasAnswered),
    };
  }

  #end(attempt: Attempt, hasAnswered: boolean | undefined): ReceiverChange | undefined {
    this.#noteSlow();
    const { receiver } = attempt;
    const { name, host, isDown: wasDown } = receiver;
    const isSlow = !this.#fresh.delete(attempt);
    if (isSlow) receiver.slow--;
    if (hasAnswered !== undefined) {
      receiver.isDown = !hasAnswered;
      if (hasAnswered) this.#noteAnswer(receiver);
      else this.#noteFailure(receiver, isSlow);
    }
    receiver.inFlight--;
    this.#take(receiver, -1);
    return receiver.isDown === wasDown ? undefined : { receiver: name, host, isDown: receiver.isDown };
  }

  #noteAnswer(receiver: Receiver): void {
    const { perHost } = this.limits;
    if (receiver.standing !== 'proven') this.#move(receiver, { standing: 'proven' });
    receiver.answers++;
    if (windowOf(receiver, perHost) < perHost) return;
    receiver.answers = perHost;
    receiver.relapses = 0;
  }

  #noteFailure(receiver: Receiver, isSlow: boolean): void {
    const isProven = receiver.standing === 'proven';
    // A refused or reset connection holds its slot for a moment only.
    receiver.answers = isProven && !isSlow ? Math.floor(receiver.answers / 2) : 0;
    if (receiver.answers > 0) return;
    if (isProven) receiver.relapses++;
    this.#move(receiver, { standing: 'hanging' });
  }

  /** Returns how many more slots a receiver may have. */
  #leftFor(receiver: Receiver): number {
    const { total, perHost } = this.limits;
    const { standing, host, address, slots, slow } = receiver;
    const isResponsive = standing === 'proven' && slow === 0;
    // With fewer than four slots, no slot can be reserved.
    const reserved = isResponsive || total < 4 ? 0 : this.#quarter;
    return Math.min(
      windowOf(receiver, perHost) - slots,
      total - reserved - this.#taken,
      perHost - this.#byHost.of(host),
      address === undefined ? Infinity : perHost - this.#byAddress.of(address),
      standing === 'proven' ? Infinity : this.#quarter - this.#byStanding.of(standing),
    );
  }

  #noteSlow(): void {
    const limit = this.now() - SLOW_AFTER_MS;
    for (const attempt of this.#fresh) {
      if (attempt.since > limit) break;
      this.#fresh.delete(attempt);
      attempt.receiver.slow++;
      if (attempt.receiver.standing === 'new') this.#move(attempt.receiver, { standing: 'hanging' });
    }
  }

  #take(receiver: Receiver, slots: number): void {
    receiver.slots += slots;
    this.#taken += slots;
    this.#count(receiver, slots);
    // The most recently used receiver is last, and is forgotten last.
    this.#receivers.delete(receiver.name);
    this.#receivers.set(receiver.name, receiver);
    for (const oldest of this.#receivers.values()) {
      if (this.#receivers.size <= MAX_IDLE_RECEIVERS || oldest.slots > 0) break;
      this.#receivers.delete(oldest.name);
    }
  }

  /** Changes the attributes that its slots are counted by. */
  #move(receiver: Receiver, change: Partial<Pick<Receiver, 'standing' | 'address'>>): void {
    this.#count(receiver, -receiver.slots);
    Object.assign(receiver, change);
    this.#count(receiver, receiver.slots);
  }

  #count({ standing, host, address }: Receiver, slots: number): void {
    this.#byStanding.add(standing, slots);
    this.#byHost.add(host, slots);
    if (address !== undefined) this.#byAddress.add(address, slots);
  }
}

class Count<Key> {
  readonly #counts = new Map<Key, number>();

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: Key, by: number): void {
    const count = this.of(key) + by;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

function newReceiver(name: string): Receiver {
  const host = new URL(name).host;
  const counts = { answers: 0, relapses: 0, slots: 0, inFlight: 0, slow: 0 };
  return { name, host, address: undefined, standing: 'new', ...counts, isDown: false };
}

function windowOf({ standing, answers, relapses }: Receiver, perHost: number): number {
  return standing === 'proven' ? Math.min(perHost, 1 + Math.floor(answers / (1 + relapses))) : 1;
}
