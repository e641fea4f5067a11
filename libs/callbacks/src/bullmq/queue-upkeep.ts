import { AppLogger } from '../delivery/app-logger.js';
import type { QueueWorker, UntoldEvent } from '../delivery/queue/callback-queue.js';
import type { BullmqSettings } from './bullmq-queue.options.js';
import type { JobStore } from './job-store.js';
import type { QueueConnection } from './queue-connection.js';
import { addressOf } from './redis-connection.js';

/** How often old deliveries are forgotten and missed events announced, in ms. */
const UPKEEP_INTERVAL_MS = 30_000;
/** The most deliveries that are forgotten at once: Redis is blocked in the meantime. */
const MAX_BATCH_SIZE = 500;
/** How long an event is reserved for the process that took it, in ms. */
const CLAIM_MS = 60_000;

/** The periodic work of a process that has started the queue. */
export class QueueUpkeep {
  readonly #logger = new AppLogger('BullmqQueue');
  readonly #every: number;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #isEnding = false;

  constructor(
    private readonly worker: QueueWorker,
    private readonly connection: QueueConnection,
    private readonly settings: BullmqSettings,
  ) {
    this.#every = Math.max(1_000, Math.min(UPKEEP_INTERVAL_MS, settings.remember, settings.rememberFailed));
  }

  /** @throws CallbackQueueError if Redis refuses. */
  async begin(): Promise<void> {
    await this.connection.ask('does not let this process store deliveries', async (store) => {
      await this.#warnOfLoss(store);
      await this.#keepUp(store);
    });
    this.#wait();
  }

  /** Resolves once the current work has ended. */
  async end(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #wait(): void {
    if (this.#isEnding) return;
    this.#timer = setTimeout(() => {
      this.#round = this.connection
        .ask('does not let this process store deliveries', (store) => this.#keepUp(store))
        .catch((error: unknown) => this.connection.report(error))
        .finally(() => this.#wait());
    }, this.#every).unref();
  }

  async #keepUp(store: JobStore): Promise<void> {
    await this.#forgetOld(store);
    if (this.worker.concurrency > 0) await this.#tellUntold(store);
  }

  async #forgetOld(store: JobStore): Promise<void> {
    const { remember, rememberFailed } = this.settings;
    let isMore = true;
    while (isMore && !this.#isEnding) {
      const now = Date.now();
      isMore = (await store.run('cbSweep', now - remember, now - rememberFailed, MAX_BATCH_SIZE)) === 1;
    }
  }

  async #tellUntold(store: JobStore): Promise<void> {
    while (!this.#isEnding) {
      const line = await store.run('cbClaim', Date.now() + CLAIM_MS);
      if (typeof line !== 'string') return;
      if (!(await this.worker.announce(readUntold(line)))) return;
      await store.redis.zrem(store.key('cb:untold'), line);
    }
  }

  async #warnOfLoss(store: JobStore): Promise<void> {
    // A Redis user may not be allowed to read it.
    const info = await store.redis.info('persistence').catch(() => '');
    if (!/^aof_enabled:0/m.test(info)) return;
    this.#logger.warn(
      `Redis at ${addressOf(store.redis)} has \`appendonly no\`: deliveries are lost if it crashes. Fix: set appendonly yes`,
    );
  }
}

/** Writes an event for Redis, with a random id, so that equal events are distinct. */
export function writeUntold(id: string, attempt: number, event: UntoldEvent): string {
  return JSON.stringify([id, attempt, event]);
}

function readUntold(line: string): UntoldEvent {
  try {
    // writeUntold() wrote it, unless another program did; announce() rejects unknown data.
    return (JSON.parse(line) as [string, number, UntoldEvent])[2];
  } catch {
    return null;
  }
}
