import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { AppLogger } from '../delivery/app-logger.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { AttemptOutcome, QueueWorker } from '../delivery/queue/callback-queue.js';
import { readStoredDelivery } from '../delivery/read-delivery.js';
import { BlockedReceivers } from './blocked-receivers.js';
import { REPLY_TIMEOUT_MS } from './bullmq-queue.options.js';
import type { BullmqSettings } from './bullmq-queue.options.js';
import { HostPace } from './host-pace.js';
import { JOB_OPTIONS } from './job-adder.js';
import { JobLedger } from './job-ledger.js';
import { openPatientRedis, redisError } from './redis-connection.js';

/**
 * The locks of a killed worker expire after `lockDuration`, and the next check takes over its jobs. That takes at most
 * `lockDuration` + `stalledInterval`, 12.5 s. A process that is suspended for longer than `lockDuration` may send
 * twice.
 */
const LOCKS = {
  lockDuration: 10_000,
  stalledInterval: 2_500,
  // By default, a second crash would fail a delivery that the receiver never rejected.
  maxStalledCount: Number.MAX_SAFE_INTEGER,
};

/** How long a job waits if Redis refused a command or a newer version wrote it, in ms. */
const ERROR_BACKOFF_MS = 5_000;
const UNKNOWN_BACKOFF_MS = 60_000;

/** How long BullMQ waits after Redis refused a command, in ms. */
const RETRY_DELAY_MS = 1_000;

const HOW_TO_FIX_DAMAGE =
  'Fix: give bullmqQueue() a `name` that no other program uses; or restore the delivery, and retry() it';

/** Passes the delay of the next attempt to BullMQ, which calls `backoffStrategy` with the error. */
class RetryLater extends Error {
  constructor(
    message: string,
    readonly delay: number,
  ) {
    super(message);
  }
}

/** How long a connection waits for new jobs before it asks again, in s. It must be shorter than the socket timeout. */
const MAX_BLOCKED_SECONDS = 2;

type JobData = Parameters<Worker['createJob']>[0];

/** A BullMQ worker that detects a silent connection early, and that damaged jobs do not stop. */
class BriefWorker extends Worker<unknown, void> {
  protected override getBlockTimeout(blockUntil: number): number {
    // It was created with an instance.
    const { socketTimeout = REPLY_TIMEOUT_MS } = (this.opts.connection as Redis).options;
    return Math.min(super.getBlockTimeout(blockUntil), MAX_BLOCKED_SECONDS, socketTimeout / 2_000);
  }

  protected override createJob(given: JobData, id: string): Job<unknown, void> {
    // BullMQ 5 stores options as JSON.
    const opts = typeof given.opts === 'string' ? (JSON.stringify(JOB_OPTIONS) as never) : JOB_OPTIONS;
    const data = { ...given, opts };
    try {
      return super.createJob(data, id);
    } catch {
      // Its JSON is invalid. Without data, the job is processed and fails as damaged.
      return super.createJob({ ...data, data: '""', progress: '0' }, id);
    }
  }
}

/** Processes jobs. */
export class BullmqWorker {
  readonly #redis: Redis;
  /** All connections of BullMQ, which duplicates the given one. */
  readonly #connections: Redis[];
  readonly #worker: BriefWorker;
  readonly #ledger: JobLedger;
  readonly #logger = new AppLogger('BullmqQueue');
  /** The unknown versions of stored deliveries that were logged. */
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
        backoffStrategy: (_made, _type, error) => (error instanceof RetryLater ? error.delay : ERROR_BACKOFF_MS),
      },
    });
    this.#worker.on('error', (error) => {
      report(error);
      void this.#goOnAfter(error, report);
    });
  }

  /** @throws CallbackQueueError if Redis refuses. */
  async ready(): Promise<void> {
    const giveUp = new AbortController();
    const late = sleep(REPLY_TIMEOUT_MS, undefined, { signal: giveUp.signal }).then(() =>
      Promise.reject(new Error(`it did not answer within ${REPLY_TIMEOUT_MS} ms`)),
    );
    try {
      await Promise.race([this.#worker.waitUntilReady(), late]);
    } catch (error) {
      await this.#disconnect();
      throw redisError('does not let this process send callbacks', this.#redis, error);
    } finally {
      giveUp.abort();
    }
  }

  /**
   * Ends the connections, and waits until BullMQ has noticed: BullMQ 5 ends the process if a connection that was not
   * ready yet fails after its worker is closed.
   */
  async #disconnect(): Promise<void> {
    await Promise.all(
      this.#connections.map(async (connection) => {
        // A connection that is waiting to reconnect emits no `end`, but cannot fail any more either.
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
    // `true`: do not wait. If Redis is unreachable, BullMQ would wait forever and later reconnect unnoticed.
    await this.#worker.pause(true);
    const giveUp = new AbortController();
    const late = sleep(grace, undefined, { signal: giveUp.signal }).catch(() => undefined);
    await Promise.race([this.#drain().catch(() => undefined), late]);
    giveUp.abort();
    await this.#worker.close(true);
    this.#redis.disconnect();
  }

  /** Waits until all attempts have ended and are stored, and jobs fetched in the meantime are returned. */
  async #drain(): Promise<void> {
    do {
      await Promise.all(this.#inFlight);
      // BullMQ sends the outcome in the same turn of the event loop, and Redis answers in order.
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
    if (progress.ended) throw new UnrecoverableError('Its last attempt failed, and then its process ended.');
    const id = job.id!;
    if (progress.isCancelled) return this.#end(id, { status: 'postponed', delay: 0, error: '' });
    const attempt = progress.attempts + 1;
    const stored = readStoredDelivery(id, job.data);
    if ('newer' in stored) {
      this.#tellNewer(stored.newer);
      return this.#putOff(job, token, UNKNOWN_BACKOFF_MS);
    }
    if ('damage' in stored) {
      const error = `It is damaged, or not a delivery: ${stored.damage}. ${HOW_TO_FIX_DAMAGE}`;
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

  /** Stores the outcome of an attempt. BullMQ gets it from the thrown error. */
  async #end(id: string, outcome: AttemptOutcome, delivery?: CallbackDelivery): Promise<void> {
    const { state, summary } = await this.#ledger.settle(id, outcome, delivery);
    if (summary) await this.sender.cancelled(summary);
    if (state === 'delivered') return;
    const error = outcome.status === 'postponed' ? outcome.error : (outcome.record.error ?? '');
    if (state === 'failed') throw new UnrecoverableError(error);
    if (state === 'retry') throw new RetryLater(error, 'delay' in outcome ? Math.ceil(outcome.delay) : 0);
    // It has been removed from BullMQ.
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
      `The queue ${this.settings.name} on Redis holds deliveries of format ${version}, which a newer nestjs-callbacks wrote. This process leaves them to newer processes. Fix: update nestjs-callbacks here.`,
    );
  }
}
