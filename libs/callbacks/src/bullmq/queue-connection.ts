import type { Redis } from 'ioredis';
import { CallbackQueueError } from '../errors/callback.errors.js';
import { AppLogger, LogLine } from '../delivery/app-logger.js';
import { REPLY_TIMEOUT_MS } from './bullmq-queue.options.js';
import type { BullmqSettings } from './bullmq-queue.options.js';
import { JobStore } from './job-store.js';
import { addressOf, openPromptRedis, redisError, withoutCommand } from './redis-connection.js';

/** BullMQ's errors about lost locks contain the id of the job. */
const NAMED_JOB = /\bjob (msg_[\w-]+)/;

/** What happened where no error is known. */
const CLOSED = 'it closed the connection';

/** What ioredis says of a lost connection. */
const ADVICE = /\b(enableOfflineQueue|maxRetriesPerRequest)\b/;

/** How long a repeated error is not logged again, in ms. */
const SILENCE_MS = 60_000;

/**
 * The connection that adds deliveries and answers queries. It fails soon if Redis is unreachable, and reconnects by
 * itself.
 */
export class QueueConnection {
  readonly redis: Redis;
  readonly #logger = new AppLogger('BullmqQueue');
  #store: Promise<JobStore> | undefined;
  #becomingReady: Promise<void> | undefined;
  #isAway = false;
  #lastError: Error | undefined;
  readonly #said = new Map<string, number>();

  constructor(private readonly settings: BullmqSettings) {
    this.redis = openPromptRedis(settings.connection);
    this.redis.on('error', (error) => this.report(error));
    this.redis.on('close', this.#goneAway);
    this.redis.on('ready', this.#back);
  }

  /**
   * Runs a query on the store, once Redis answers.
   *
   * @param what - what Redis did not do, for the error.
   * @throws CallbackQueueError if Redis does not answer in time, or refuses.
   */
  async ask<T>(what: string, question: (store: JobStore) => Promise<T>): Promise<T> {
    await this.ready();
    try {
      return await question(await this.#open());
    } catch (error) {
      throw redisError(what, this.redis, this.#whyNot(error));
    }
  }

  /** @throws CallbackQueueError if Redis does not answer in time. */
  async ready(): Promise<void> {
    // It is `ready` for a moment after Redis has closed it.
    if (this.redis.status === 'ready' && this.redis.stream.writable) return;
    this.#becomingReady ??= this.#becomeReady().finally(() => (this.#becomingReady = undefined));
    await this.#becomingReady;
  }

  /** Notes an error of a connection or the worker, and logs it at a limited rate unless it is part of an outage. */
  report(reason: unknown): void {
    const error = withoutCommand(reason);
    if (this.redis.status !== 'ready' || 'syscall' in error) {
      this.#lastError = error;
      return;
    }
    const id = NAMED_JOB.exec(error.message)?.[1];
    const message = `Redis at ${addressOf(this.redis)}: ${error.message.replace(NAMED_JOB, 'a job')}`;
    if (this.#isNews(message)) this.#logger.error(id === undefined ? message : new LogLine(message, { id }));
  }

  async close(): Promise<void> {
    this.redis.off('close', this.#goneAway);
    const store = await this.#store?.catch(() => undefined);
    await store?.close();
    this.redis.disconnect();
  }

  /** A command whose connection is lost fails with advice about options of ioredis, and not with what happened. */
  #whyNot(error: unknown): unknown {
    const isTold = error instanceof CallbackQueueError || (error as Error).name === 'ReplyError';
    // The connection may already be open again, or not be noticed as closed.
    const isLost = this.redis.status !== 'ready' || ADVICE.test(String(error));
    return isLost && !isTold ? (this.#lastError ?? new Error(CLOSED)) : error;
  }

  async #open(): Promise<JobStore> {
    this.#store ??= this.#openStore();
    return this.#store;
  }

  async #openStore(): Promise<JobStore> {
    try {
      const store = new JobStore(this.redis, this.settings);
      await store.ready();
      return store;
    } catch (error) {
      this.#store = undefined;
      throw error;
    }
  }

  async #becomeReady(): Promise<void> {
    // A failure is emitted as an event, and it reconnects by itself.
    if (this.redis.status === 'wait') this.redis.connect().catch(() => undefined);
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        this.redis.off('ready', done);
        reject(
          redisError(
            'does not answer',
            this.redis,
            this.#lastError ?? new Error(`nothing came in ${REPLY_TIMEOUT_MS} ms`),
          ),
        );
      };
      const timer = setTimeout(giveUp, REPLY_TIMEOUT_MS);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.redis.once('ready', done);
    });
  }

  readonly #goneAway = (): void => {
    if (this.#isAway) return;
    this.#isAway = true;
    const why = this.#lastError?.message ?? CLOSED;
    this.#logger.error(
      `Redis at ${addressOf(this.redis)} is unreachable, and callbacks cannot be queued until it is back: ${why}`,
    );
  };

  readonly #back = (): void => {
    if (this.#isAway) this.#logger.log(`Redis at ${addressOf(this.redis)} is back.`);
    this.#isAway = false;
    this.#lastError = undefined;
  };

  #isNews(message: string): boolean {
    const now = Date.now();
    for (const [said, at] of this.#said) if (at < now - SILENCE_MS) this.#said.delete(said);
    const isNews = !this.#said.has(message);
    if (isNews) this.#said.set(message, now);
    return isNews;
  }
}
