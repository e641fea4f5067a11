import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { hostOf } from '../delivery/callback-delivery.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { QueueWorker } from '../delivery/queue/callback-queue.js';
import { storedDelivery } from '../delivery/queue/stored-delivery.js';
import { PATIENCE } from './bullmq-queue.options.js';
import type { BullmqSettings } from './bullmq-queue.options.js';
import { HostPace } from './host-pace.js';
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

/** When a delivery is attempted again whose worker broke, and not its attempt, in ms. */
const AFTER_A_FAULT = 5_000;

const NO_DELIVERY =
  'this job is no delivery, or is damaged. Fix: give bullmqQueue() a `name` that no other program uses, or write the delivery there, and retry()';

/** Carries the delay of the next attempt to BullMQ, which asks `backoffStrategy` about the error it got. */
class RetryLater extends Error {
  constructor(
    message: string,
    readonly delay: number,
  ) {
    super(message);
  }
}

/** BullMQ's worker, which hands deliveries over. */
export class BullmqWorker {
  readonly #redis: Redis;
  /** BullMQ duplicates the connection that it is given: these are all of its connections. */
  readonly #connections: Redis[];
  readonly #worker: Worker<CallbackDelivery, void>;
  readonly #pace = new HostPace();
  readonly #inFlight = new Set<Promise<void>>();
  #isStopping = false;

  constructor(
    private readonly sender: QueueWorker,
    { connection, name, prefix }: BullmqSettings,
    report: (error: unknown) => void,
  ) {
    this.#redis = openPatientRedis(connection);
    this.#redis.on('error', report);
    this.#connections = [this.#redis];
    const duplicate = this.#redis.duplicate.bind(this.#redis);
    this.#redis.duplicate = (options) => {
      const copy = duplicate(options);
      this.#connections.push(copy);
      return copy;
    };
    this.#worker = new Worker<CallbackDelivery, void>(name, (job, token) => this.#process(job, token), {
      connection: this.#redis,
      prefix,
      concurrency: sender.concurrency,
      ...LOCKS,
      settings: {
        backoffStrategy: (_made, _type, error) => (error instanceof RetryLater ? error.delay : AFTER_A_FAULT),
      },
    });
    this.#worker.on('error', report);
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

  async #process(job: Job<CallbackDelivery>, token: string | undefined): Promise<void> {
    const processed = this.#handOver(job, token);
    const ended = processed.catch(() => undefined);
    this.#inFlight.add(ended);
    try {
      await processed;
    } finally {
      this.#inFlight.delete(ended);
    }
  }

  async #handOver(job: Job<CallbackDelivery>, token: string | undefined): Promise<void> {
    if (this.#isStopping) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const delivery = storedDelivery(job.id, job.data);
    if (!delivery) throw new UnrecoverableError(NO_DELIVERY);
    const host = hostOf(delivery);
    if (this.sender.room(host) <= 0) {
      await job.moveToDelayed(Date.now() + this.#pace.putOff(host), token);
      throw new DelayedError();
    }
    const outcome = await this.#pace.watch(host, this.sender.attempt(delivery, job.attemptsMade + 1));
    if (outcome.status === 'retry') throw new RetryLater(outcome.error, Math.ceil(outcome.delay));
    if (outcome.status === 'failed') throw new UnrecoverableError(outcome.error);
  }
}
