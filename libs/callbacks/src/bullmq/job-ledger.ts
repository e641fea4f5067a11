import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { AttemptOutcome } from '../delivery/queue/callback-queue.js';
import type { DeliverySummary } from '../delivery/queue/deliveries.js';
import type { BullmqSettings } from './bullmq-queue.options.js';
import type { PutOffLine } from './host-pace.js';
import { JOB_OPTIONS } from './job-group.js';
import { baseOf } from './job-store.js';
import { writeUntold } from './queue-upkeep.js';
import { defineScripts, runScript } from './run-script.js';
import type { ScriptName } from './run-script.js';
import { readJob, withoutBody, writeRecord } from './stored-job.js';
import type { JobReply } from './stored-job.js';

/** What is noted of a job that is handed over. */
interface Progress {
  readonly attempts: number;
  /** How it has ended, if its process was killed before BullMQ could carry that out. */
  readonly ended?: string;
  readonly isCancelled?: boolean;
}

/** What has become of a job after an attempt. */
interface Settled {
  readonly state: 'delivered' | 'failed' | 'retry' | 'cancelled' | 'forgotten';
  /** If it was cancelled. */
  readonly summary?: DeliverySummary | undefined;
}

/** How many waiting jobs are looked at for those of receivers without a slot: Redis does nothing else meanwhile. */
const LOOKED_AT = 1_000;

/** What the worker notes of its jobs. BullMQ carries it out after that. */
export class JobLedger {
  readonly #base: string;

  constructor(
    private readonly redis: Redis,
    private readonly settings: BullmqSettings,
  ) {
    this.#base = baseOf(settings);
    defineScripts(redis);
  }

  async progressOf({ id, attemptsStarted }: Job<unknown>): Promise<Progress> {
    // Nothing is noted yet.
    if (attemptsStarted === 1) return { attempts: 0 };
    const key = this.#base + id!;
    const [attempts, ended, cancel, bare, stalledBefore, stalled] = await this.redis.hmget(
      key,
      'cb:attempts',
      'cb:ended',
      'cb:cancel',
      'cb:bare',
      'cb:stalled',
      'stc',
    );
    if (!ended) return { attempts: Number(attempts) || 0, isCancelled: cancel === '1' };
    if (bare === '1' || Number(stalled ?? 0) > Number(stalledBefore ?? 0)) return { attempts: 0, ended };
    // Somebody has retried it with another tool, as Bull Board: it begins anew.
    await this.redis.hdel(key, 'cb:attempts', 'cb:ended');
    return { attempts: 0 };
  }

  async settle(id: string, outcome: AttemptOutcome, delivery: CallbackDelivery | undefined): Promise<Settled> {
    const isPostponed = outcome.status === 'postponed';
    const isBare = outcome.status === 'delivered' && !this.settings.keepBodies && delivery?.request.body !== undefined;
    const untold = isPostponed
      ? []
      : (outcome.untold ?? []).map((event) => writeUntold(id, outcome.record.attempt, event));
    const state = await this.#run(
      'cbSettle',
      id,
      isPostponed ? 'retry' : outcome.status,
      isPostponed ? '' : writeRecord(outcome.record),
      Date.now() + ('delay' in outcome ? Math.ceil(outcome.delay) : 0),
      isBare ? withoutBody(delivery) : '',
      ...untold,
    );
    // What cbSettle answers.
    const settled = state as Settled['state'];
    if (settled !== 'cancelled') return { state: settled };
    const [reply] = (await this.#run('cbRead', id)) as readonly (JobReply | null)[];
    return { state: settled, summary: reply ? readJob(id, reply).summary : undefined };
  }

  /**
   * Puts off the next jobs of receivers that have no slot, so that they are not taken one by one.
   *
   * @returns of each receiver, how many there were.
   */
  async putOff(lines: readonly PutOffLine[]): Promise<readonly number[]> {
    const values = lines.flatMap(({ receiver, first, step }) => [receiver, first, step]);
    // cbPutOff gives a count for each.
    return (await this.#run('cbPutOff', LOOKED_AT, ...values)) as readonly number[];
  }

  /** Notes a job that is put off until its receiver has a slot. */
  async park(id: string, receiver: string): Promise<void> {
    await this.#run('cbPark', id, receiver);
  }

  /**
   * Lets jobs that were put off come back now.
   *
   * @returns of each receiver, how many did: fewer than asked for if no more are put off.
   */
  async bringBack(asked: readonly { readonly receiver: string; readonly slots: number }[]): Promise<readonly number[]> {
    // cbBringBack gives a count for each.
    return (await this.#run(
      'cbBringBack',
      ...asked.flatMap(({ receiver, slots }) => [receiver, slots]),
    )) as readonly number[];
  }

  /** Lets the next job be taken from a Redis that is full: only by jobs that end does it become less full. */
  async unblock(): Promise<void> {
    await this.#run('cbUnblock');
  }

  /** Repairs jobs in flight that BullMQ cannot read. */
  async repair(): Promise<void> {
    await this.#run('cbRepair', JSON.stringify(JOB_OPTIONS));
  }

  #run(name: ScriptName, ...values: (string | number)[]): Promise<unknown> {
    return runScript(this.redis, name, this.#base, ...values);
  }
}
