import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { AppLogger } from '../delivery/app-logger.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import { PATIENCE } from './bullmq-queue.options.js';
import type { BullmqSettings } from './bullmq-queue.options.js';
import { openPromptRedis } from './open-redis.js';
import { addressOf, redisError, withoutCommand } from './redis-error.js';

/** For how long a complaint that comes again is not logged again, in ms. */
const SILENCE = 60_000;

/** The connection that adds and asks, which fails soon where Redis is away, and comes back when Redis does. */
export class QueueConnection {
  readonly redis: Redis;
  readonly #logger = new AppLogger('BullmqQueue');
  #queue: Queue<CallbackDelivery> | undefined;
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
   * Asks BullMQ, once Redis answers.
   *
   * @throws CallbackQueueError where Redis does not answer in time, or refuses.
   */
  async ask<T>(what: string, question: (queue: Queue<CallbackDelivery>) => Promise<T>): Promise<T> {
    await this.ready();
    try {
      return await question(this.#open());
    } catch (error) {
      throw redisError(what, this.redis, error);
    }
  }

  /** @throws CallbackQueueError where Redis does not answer in time. */
  async ready(): Promise<void> {
    if (this.redis.status === 'ready') return;
    this.#becomingReady ??= this.#becomeReady().finally(() => (this.#becomingReady = undefined));
    await this.#becomingReady;
  }

  /** Takes note of what a connection or the worker complains of, and logs what is no outage, though not in a flood. */
  report(reason: unknown): void {
    const error = withoutCommand(reason);
    if (this.redis.status !== 'ready' || 'syscall' in error) this.#lastError = error;
    else if (this.#isNews(error.message)) this.#logger.error(`Redis at ${addressOf(this.redis)}: ${error.message}`);
  }

  async close(): Promise<void> {
    this.redis.off('close', this.#goneAway);
    await this.#queue?.close();
    this.redis.disconnect();
  }

  /** BullMQ gets the connection once it is ready, since what it does with it first is done only once. */
  #open(): Queue<CallbackDelivery> {
    if (!this.#queue) {
      const { name, prefix } = this.settings;
      this.#queue = new Queue(name, {
        connection: this.redis,
        prefix,
        skipVersionCheck: true,
        skipWaitingForReady: true,
      });
      // The connection's errors are reported already.
      this.#queue.on('error', () => undefined);
    }
    return this.#queue;
  }

  async #becomeReady(): Promise<void> {
    // Its failure comes as an event, and it tries again by itself.
    if (this.redis.status === 'wait') this.redis.connect().catch(() => undefined);
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        this.redis.off('ready', done);
        reject(
          redisError('does not answer', this.redis, this.#lastError ?? new Error(`nothing came in ${PATIENCE} ms`)),
        );
      };
      const timer = setTimeout(giveUp, PATIENCE);
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
    const why = this.#lastError?.message ?? 'it closed the connection';
    this.#logger.error(
      `Redis at ${addressOf(this.redis)} is out of reach, and no callback can be queued until it is back: ${why}`,
    );
  };

  readonly #back = (): void => {
    if (this.#isAway) this.#logger.log(`Redis at ${addressOf(this.redis)} is back.`);
    this.#isAway = false;
    this.#lastError = undefined;
  };

  #isNews(message: string): boolean {
    const now = Date.now();
    for (const [said, at] of this.#said) if (at < now - SILENCE) this.#said.delete(said);
    const isNews = !this.#said.has(message);
    if (isNews) this.#said.set(message, now);
    return isNews;
  }
}
