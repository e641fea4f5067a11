import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, UnrecoverableError, WaitingError } from 'bullmq';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { AppLogger } from '../delivery/app-logger.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { AttemptOutcome, QueueWorker } from '../delivery/queue/callback-queue.js';
import { readStoredDelivery } from '../delivery/queue/stored-delivery.js';
import { BlockedReceivers } from './blocked-receivers.js';
import { BriefWorker } from './brief-worker.js';
import { PATIENCE } from './bullmq-queue.options.js';
import type { BullmqSettings } from './bullmq-queue.options.js';
import { HostPace } from './host-pace.js';
import { JobLedger } from './job-ledger.js';
import { openPatientRedis } from './open-redis.js';
import { redisError } from './redis-error.js';

/**
 * A worker that is killed leaves its locks, which run out after `lockDuration`; the check after that takes up what it
 * had. Two checks may pass before one notes what is in flight, so it takes `lockDuration` + `stalledInterval` at most,
 * 12.5 s. A process that stands still for longer than its locks last sends twice.
 */
const LOCKS = {
  lockDuration: 10_000,
  stalledInterval: 2_500,
  // By default the second crash would fail a delivery that was never refused.
  maxStalledCount: Number.MAX_SAFE_INTEGER,
};

/** When a job is looked at again that could not be worked on: Redis refused, or a newer version wrote it. In ms. */
const AFTER_A_FAULT = 5_000;
const UNTIL_SOMEBODY_KNOWS_IT = 60_000;

/** When BullMQ asks again for what Redis refused, in ms. */
const RETRY_DELAY_MS = 1_000;

const HOW_TO_FIX_DAMAGE =
  'Fix: give bullmqQueue() a `name` that no other program uses, or write the delivery there, and retry it';

/** Carries the delay of the next attempt to BullMQ, which asks `backoffStrategy` about the error it got. */
class RetryLater extends Error {
  constructor(
    message: string,
    readonly delay: number,
  ) {
    super(message);
  }
}

/** Hands deliveries over. */
export class BullmqWorker {
  readonly #redis: Redis;
  /** BullMQ duplicates the connection that it is given: these are all of its connections. */
  readonly #connections: Redis[];
  readonly #worker: BriefWorker;
  readonly #ledger: JobLedger;
  readonly #logger = new AppLogger('BullmqQueue');
  /** The versions of stored deliveries that this process does not know. */
  readonly #newer = new Set<number>();
  readonly #pace = new HostPace();
  readonly #blocked: BlockedReceivers;
  readonly #inFlight = new Set<Promise<void>>();
  #isStopping = false;

  constructor(
    private readonly sender: QueueWorker,
    private readonly settings: BullmqSettings,
    report: (error: unknown) => void,
  ) {
    const { connection, name, prefix } = settings;
    this.#redis = openPatientRedis(connection);
    this.#ledger = new JobLedger(this.#redis, settings);
    this.#blocked = new BlockedReceivers(this.#pace, this.#ledger, sender, report);
    this.#redis.on('error', report);
    this.#connections = [this.#redis];
    const duplicate = this.#redis.duplicate.bind(this.#redis);
    this.#redis.duplicate = (options) => {
      const copy = duplicate(options);
      this.#connections.push(copy);
      return copy;
    };
    const process = (job: Job<unknown>, token?: string) => this.#process(job, token);
    this.#worker = new BriefWorker(name, process, {
      connection: this.#redis,
      prefix,
      concurrency: sender.concurrency,
      ...LOCKS,
      runRetryDelay: RETRY_DELAY_MS,
      settings: {
        backoffStrategy: (_made, _type, error) => (error instanceof RetryLater ? error.delay : AFTER_A_FAULT),
      },
    });
    this.#worker.on('error', (error) => {
      report(error);
      void this.#goOnAfter(error, report);
    });
  }

  /** @throws CallbackQueueError where Redis does not let it work. */
  async ready(): Promise<void> {
    const giveUp = new AbortController();
    const late = sleep(PATIENCE, undefined, { signal: giveUp.signal }).then(() =>
      Promise.reject(new Error(`nothing came in ${PATIENCE} ms`)),
    );
    try {
      await Promise.race([this.#worker.waitUntilReady(), late]);
    } catch (error) {
      await this.#disconnect();
      throw redisError('does not let callbacks be sent', this.#redis, error);
    } finally {
      giveUp.abort();
    }
  }

  /**
   * Ends the connections, and waits until BullMQ has heard of it: BullMQ 5 ends the process if a connection that was not
   * ready yet fails after its worker is closed.
   */
  async #disconnect(): Promise<void> {
    await Promise.all(
      this.#connections.map(async (connection) => {
        // One that waits to connect again never says that it has ended, and fails no more.
        const hasEnded = connection.status === 'end' || connection.status === 'reconnecting';
        const ended = hasEnded ? undefined : new Promise((resolve) => connection.once('end', resolve));
        connection.disconnect();
        await ended;
      }),
    );
    await setImmediate();
  }

  async stop(grace: number): Promise<void> {
    this.#isStopping = true;
    this.#blocked.stop();
    // Told not to wait: where Redis is away BullMQ waits for ever, and later connects again behind our back.
    await this.#worker.pause(true);
    const giveUp = new AbortController();
    const late = sleep(grace, undefined, { signal: giveUp.signal }).catch(() => undefined);
    await Promise.race([this.#drain().catch(() => undefined), late]);
    giveUp.abort();
    await this.#worker.close(true);
    this.#redis.disconnect();
  }

  /** Waits until nothing is in flight and all is written down, and what was fetched meanwhile is given back. */
  async #drain(): Promise<void> {
    do {
      await Promise.all(this.#inFlight);
      // BullMQ sends the outcome in the same turn, and Redis answers in order.
      await setImmediate();
      if (this.#redis.status !== 'ready') return;
      await this.#redis.ping();
      await setImmediate();
    } while (this.#inFlight.size > 0);
  }

  async #process(job: Job<unknown>, token?: string): Promise<void> {
    const processed = this.#handOver(job, token);
    const ended = processed.catch(() => undefined);
    this.#inFlight.add(ended);
    try {
      await processed;
    } finally {
      this.#inFlight.delete(ended);
    }
  }

  async #handOver(job: Job<unknown>, token: string | undefined): Promise<void> {
    if (this.#isStopping) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const progress = await this.#ledger.progressOf(job);
    if (progress.ended === 'delivered') return;
    if (progress.ended) throw new UnrecoverableError('It had failed when its process ended.');
    const id = job.id!;
    if (progress.isCancelled) return this.#end(id, { status: 'postponed', delay: 0, error: '' });
    const attempt = progress.attempts + 1;
    const stored = readStoredDelivery(id, job.data);
    if ('newer' in stored) {
      this.#tellNewer(stored.newer);
      return this.#putOff(job, token, UNTIL_SOMEBODY_KNOWS_IT);
    }
    if ('damage' in stored) {
      const error = `It is not a delivery, or is damaged: ${stored.damage}. ${HOW_TO_FIX_DAMAGE}`;
      return this.#end(id, { status: 'failed', record: { attempt, at: new Date(), duration: 0, error } });
    }
    const { delivery } = stored;
    if (this.sender.acquire(delivery.receiver, 1) < 1) {
      const delay = this.#pace.putOff(delivery.receiver);
      await this.#blocked.add(delivery.receiver);
      await job.moveToDelayed(Date.now() + delay, token);
      await this.#ledger.park(id, delivery.receiver);
      // It may have got a slot in between.
      void this.#blocked.freed(delivery.receiver);
      throw new DelayedError();
    }
    this.#blocked.delete(delivery.receiver);
    const outcome = await this.#pace.watch(delivery.receiver, this.sender.attempt(delivery, attempt));
    void this.#blocked.freed(delivery.receiver);
    await this.#end(id, outcome, delivery);
  }

  /** Notes what came of an attempt. BullMQ learns it from what is thrown. */
  async #end(id: string, outcome: AttemptOutcome, delivery?: CallbackDelivery): Promise<void> {
    const { state, summary } = await this.#ledger.settle(id, outcome, delivery);
    if (summary) await this.sender.cancelled(summary);
    if (state === 'delivered') return;
    const error = outcome.status === 'postponed' ? outcome.error : (outcome.record.error ?? '');
    if (state === 'failed') throw new UnrecoverableError(error);
    if (state === 'retry') throw new RetryLater(error, 'delay' in outcome ? Math.ceil(outcome.delay) : 0);
    // It has been taken from BullMQ.
    throw new DelayedError();
  }

  /** Some errors would come again with each job that BullMQ takes. */
  async #goOnAfter(error: Error, report: (error: unknown) => void): Promise<void> {
    if (this.#isStopping) return;
    try {
      if (/\bOOM\b/.test(error.message)) await this.#ledger.unblock();
      // BullMQ 6 throws them before it makes a job.
      if (error instanceof SyntaxError || error instanceof TypeError) await this.#ledger.repair();
    } catch (failure) {
      report(failure);
    }
  }

  async #putOff(job: Job<unknown>, token: string | undefined, delay: number): Promise<never> {
    await job.moveToDelayed(Date.now() + delay, token);
    throw new DelayedError();
  }

  #tellNewer(version: number): void {
    if (this.#newer.has(version)) return;
    this.#newer.add(version);
    this.#logger.warn(
      `The queue ${this.settings.name} on Redis holds deliveries of format ${version}, which a newer version of nestjs-callbacks wrote. This process leaves them alone. Fix: npm install nestjs-callbacks@latest`,
    );
  }
}
