import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';
import type { Job, JobsOptions } from 'bullmq';
import { CallbackQueueError } from '../contract/callback-queue.error.js';
import { requirePeer } from '../contract/require-peer.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type {
  CallbackQueue,
  CallbackStats,
  FailedDelivery,
  FailedPage,
  QueueWorker,
} from '../delivery/queue/callback-queue.js';
import { describeFailed, describeLost } from '../delivery/queue/describe-failed.js';
import { storedDelivery } from '../delivery/queue/stored-delivery.js';
import { PATIENCE, readBullmqOptions } from './bullmq-queue.options.js';
import type { BullmqQueueOptions, BullmqSettings } from './bullmq-queue.options.js';
import type { BullmqWorker } from './bullmq-worker.js';
import type { QueueConnection } from './queue-connection.js';
import { isConnectionLost } from './redis-error.js';

/**
 * A queue on Redis, by BullMQ: many machines share the work. What it holds is as safe as Redis makes it: Redis needs
 * `appendonly yes` and `maxmemory-policy noeviction`. Needs the packages `bullmq` and `ioredis`.
 *
 * @throws TypeError where an option is wrong.
 * @throws Error if one of the packages is missing or too old, naming the version that is needed.
 * @example
 * CallbacksModule.forRoot({ queue: bullmqQueue({ connection: 'redis://127.0.0.1:6379' }) });
 */
export function bullmqQueue(options: BullmqQueueOptions): CallbackQueue {
  const settings = readBullmqOptions(options);
  for (const name of ['bullmq', 'ioredis'] as const) requirePeer(name, 'bullmqQueue()');
  return new BullmqQueue(settings);
}

/** How many delivered ones that are remembered no more are forgotten at once, each time that one is delivered. */
const FORGOTTEN_AT_ONCE = 1_000;

/** What BullMQ's scripts answer where a job is not there, or not in the state that was asked for. */
const NOT_FAILED: ReadonlySet<unknown> = new Set([-1, -3]);

/** How long nothing is asked of a Redis that closed the connection of a worker, in ms. */
const BETWEEN_WORKERS = 100;

class BullmqQueue implements CallbackQueue {
  /** Not to be printed with the queue: it may hold the password of Redis. */
  readonly #settings: BullmqSettings;
  #connection: Promise<QueueConnection> | undefined;
  #worker: BullmqWorker | undefined;
  #starting: Promise<void> | undefined;
  #isStarted = false;
  #isClosed = false;

  constructor(settings: BullmqSettings) {
    this.#settings = settings;
  }

  async add(delivery: CallbackDelivery): Promise<void> {
    const options = this.#jobOptions(delivery);
    const connection = await this.#open();
    await connection.ask(`did not take the delivery ${delivery.id}`, (queue) =>
      queue.add(delivery.callback, delivery, options),
    );
  }

  async start(worker: QueueWorker): Promise<void> {
    if (this.#isStarted) {
      throw new CallbackQueueError('This queue of bullmqQueue() belongs to another app. Fix: give each its own.');
    }
    this.#isStarted = true;
    this.#isClosed = false;
    const starting = this.#begin(worker);
    // Who stops or closes it meanwhile does so after that, whatever comes of it.
    this.#starting = starting.catch(() => undefined);
    await starting;
  }

  async stop(grace: number): Promise<void> {
    await this.#starting;
    await this.#end(grace);
  }

  async close(): Promise<void> {
    await this.#starting;
    this.#isClosed = true;
    await this.#release();
  }

  async failed({ limit, offset }: FailedPage): Promise<readonly FailedDelivery[]> {
    if (limit < 1) return [];
    const connection = await this.#open();
    const jobs = await connection.ask('did not list what has failed', (queue) =>
      queue.getFailed(offset, offset + limit - 1),
    );
    // What is removed while they are listed leaves a gap, which BullMQ's types do not tell of.
    return (jobs as readonly (Job<unknown> | undefined)[]).flatMap((job) => (job ? [describeJob(job)] : []));
  }

  async retry(id: string): Promise<boolean> {
    const connection = await this.#open();
    return connection.ask(`did not retry the delivery ${id}`, async (queue) => {
      const job = await queue.getJob(id);
      if (!job) return false;
      try {
        await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
        return true;
      } catch (error) {
        if (types.isNativeError(error) && 'code' in error && NOT_FAILED.has(error.code)) return false;
        throw error;
      }
    });
  }

  async stats(): Promise<CallbackStats> {
    const connection = await this.#open();
    const count = await connection.ask('did not count the deliveries', (queue) => queue.getJobCounts());
    const of = (...states: string[]) => states.reduce((sum, state) => sum + (count[state] ?? 0), 0);
    return {
      queued: of('waiting', 'delayed', 'prioritized', 'paused'),
      inFlight: of('active'),
      delivered: of('completed'),
      failed: of('failed'),
    };
  }

  #jobOptions({ id }: CallbackDelivery): JobsOptions {
    return {
      // BullMQ leaves a job alone whose id it has.
      jobId: id,
      // Our own policy ends it, and never BullMQ's count.
      attempts: Number.MAX_SAFE_INTEGER,
      backoff: { type: 'custom' },
      removeOnComplete: { age: Math.ceil(this.#settings.remember / 1_000), limit: FORGOTTEN_AT_ONCE },
      removeOnFail: false,
      stackTraceLimit: 0,
    };
  }

  /** What imports bullmq and ioredis is loaded only here: `bullmqQueue()` has checked before that they are there. */
  async #open(): Promise<QueueConnection> {
    if (this.#isClosed)
      throw new CallbackQueueError('This queue of bullmqQueue() is closed. Fix: start it again first.');
    this.#connection ??= import('./queue-connection.js').then((module) => new module.QueueConnection(this.#settings));
    return this.#connection;
  }

  async #begin(worker: QueueWorker): Promise<void> {
    try {
      const connection = await this.#open();
      await connection.ready();
      if (worker.concurrency > 0) this.#worker = await this.#work(worker, connection);
    } catch (error) {
      await this.#release();
      throw error;
    }
  }

  /** BullMQ gives up a worker whose connection is lost before it is ready: where Redis comes back soon, another is made. */
  async #work(sender: QueueWorker, connection: QueueConnection): Promise<BullmqWorker> {
    const { BullmqWorker: Worker } = await import('./bullmq-worker.js');
    const end = performance.now() + PATIENCE;
    for (;;) {
      const worker = new Worker(sender, this.#settings, (error) => connection.report(error));
      try {
        await worker.ready();
        return worker;
      } catch (error) {
        await worker.stop(0);
        if (!isConnectionLost(error) || performance.now() > end) throw error;
      }
      await sleep(BETWEEN_WORKERS);
      await connection.ready();
    }
  }

  async #end(grace: number): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.stop(grace);
    this.#isStarted = false;
  }

  async #release(): Promise<void> {
    await this.#end(0);
    const connection = this.#connection;
    this.#connection = undefined;
    await (await connection)?.close();
  }
}

function describeJob({ id = '', data, attemptsMade, failedReason, finishedOn }: Job<unknown>): FailedDelivery {
  const failure = { attempts: attemptsMade, error: failedReason ?? '', failedAt: new Date(finishedOn ?? 0) };
  const delivery = storedDelivery(id, data);
  return delivery ? describeFailed(delivery, failure) : describeLost(id, failure);
}
