import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { AttemptOutcome } from '../delivery/queue/callback-queue.js';
import type { DeliverySummary } from '../delivery/queue/deliveries.js';
import type { BullmqSettings } from './bullmq-queue.options.js';
import type { PutOffLine } from './host-pace.js';
import { JOB_OPTIONS } from './job-adder.js';
import { baseOf } from './job-store.js';
import { writeUntold } from './queue-upkeep.js';
import { defineScripts, runScript, writeTogether } from './redis-scripts.js';
import type { ScriptName } from './redis-scripts.js';
import { readJob, withoutBody, writeRecord } from './stored-job.js';
import type { JobReply } from './stored-job.js';

/** The stored state of a job that is processed. */
interface Progress {
  readonly attempts: number;
  /** How it has ended, if its process was killed before BullMQ could complete it. */
  readonly ended?: string;
  readonly isCancelled?: boolean;
}

/** The state of a job after an attempt. */
interface Settled {
  readonly state: 'delivered' | 'failed' | 'retry' | 'cancelled' | 'forgotten';
  /** The delivery, if it was cancelled. */
  readonly summary?: DeliverySummary | undefined;
}

/** The most waiting jobs that are searched for those of blocked receivers: Redis is blocked in the meantime. */
const MAX_SEARCHED = 1_000;

/** Errors of a Redis that lacks a replica, cannot write to its disk, or runs a long script. */
const REFUSED_FOR_NOW = /\b(NOREPLICAS|MISCONF|BUSY)\b/;
/** How long to wait before an outcome is stored again, in ms. */
const RETRY_MS = 500;

/** Stores the outcomes of jobs. BullMQ then completes them. */
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
    // Nothing is stored yet.
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
    if (bare === '1') return { attempts: 0, ended };
    if (Number(stalled ?? 0) > Number(stalledBefore ?? 0)) {
      // If another tool retries it after that, it starts again.
      await this.redis.hset(key, 'cb:stalled', stalled ?? 0);
      return { attempts: 0, ended };
    }
    // It was retried with another tool, such as Bull Board, so it starts again.
    await this.redis.hdel(key, 'cb:attempts', 'cb:ended');
    return { attempts: 0 };
  }

  async settle(id: string, outcome: AttemptOutcome, delivery: CallbackDelivery | undefined): Promise<Settled> {
    const isPostponed = outcome.status === 'postponed';
    const isBare = outcome.status === 'delivered' && !this.settings.keepBodies && delivery?.request.body !== undefined;
    const untold = isPostponed
      ? []
      : (outcome.untold ?? []).map((event) => writeUntold(id, outcome.record.attempt, event));
    const state = await this.#store(
      id,
      isPostponed ? 'retry' : outcome.status,
      isPostponed ? '' : writeRecord(outcome.record),
      Date.now() + ('delay' in outcome ? Math.ceil(outcome.delay) : 0),
      isBare ? withoutBody(delivery) : '',
      ...untold,
    );
    // BullMQ now completes the jobs whose outcomes were stored in one turn.
    writeTogether(this.redis);
    // cbSettle returns these.
    const settled = state as Settled['state'];
    if (settled !== 'cancelled') return { state: settled };
    const [reply] = (await this.#run('cbRead', id)) as readonly (JobReply | null)[];
    return { state: settled, summary: reply ? readJob(id, reply).summary : undefined };
  }

  /**
   * Postpones the next jobs of blocked receivers, so that they are not taken one by one.
   *
   * @returns the number of postponed jobs of each receiver.
   */
  async putOff(lines: readonly PutOffLine[]): Promise<readonly number[]> {
    const values = lines.flatMap(({ receiver, first, step }) => [receiver, first, step]);
    // cbPutOff returns a count for each.
    return (await this.#run('cbPutOff', MAX_SEARCHED, ...values)) as readonly number[];
  }

  /** Notes a job that is postponed until its receiver has a slot. */
  async park(id: string, receiver: string): Promise<void> {
    await this.#run('cbPark', id, receiver);
  }

  /**
   * Returns postponed jobs to the line now.
   *
   * @returns the number of returned jobs of each receiver, which is lower than requested if no more are postponed;
   *   `undefined` if other jobs wait, which must not be overtaken.
   */
  async bringBack(
    asked: readonly { readonly receiver: string; readonly slots: number }[],
  ): Promise<readonly number[] | undefined> {
    const values = asked.flatMap(({ receiver, slots }) => [receiver, slots]);
    // cbBringBack returns a count for each, or nothing.
    return ((await this.#run('cbBringBack', ...values)) as readonly number[] | null) ?? undefined;
  }

  /** Makes the next job available although Redis is full: only jobs that end free its memory. */
  async unblock(): Promise<void> {
    await this.#run('cbUnblock');
  }

  /** Repairs jobs in flight that BullMQ cannot read. */
  async repair(): Promise<void> {
    await this.#run('cbRepair', JSON.stringify(JOB_OPTIONS));
  }

  /** Stores an outcome as soon as Redis takes it. Otherwise, the attempt would be repeated. */
  async #store(...values: (string | number)[]): Promise<unknown> {
    for (;;) {
      try {
        writeTogether(this.redis);
        return await this.#run('cbSettle', ...values);
      } catch (error) {
        // stop() closes the connection, which is another error.
        if (!REFUSED_FOR_NOW.test(String(error))) throw error;
      }
      await sleep(RETRY_MS);
    }
  }

  #run(name: ScriptName, ...values: (string | number)[]): Promise<unknown> {
    return runScript(this.redis, name, this.#base, ...values);
  }
}
