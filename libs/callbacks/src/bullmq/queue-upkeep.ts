import { AppLogger } from '../delivery/app-logger.js';
import type { QueueWorker, UntoldEvent } from '../delivery/queue/callback-queue.js';
import type { BullmqSettings } from './bullmq-queue.options.js';
import type { JobStore } from './job-store.js';
import type { QueueConnection } from './queue-connection.js';
import { addressOf } from './redis-error.js';

/** How often old deliveries are forgotten, and untold events told, in ms. */
const EVERY = 30_000;
/** How many deliveries are forgotten at once: Redis does nothing else meanwhile. */
const AT_ONCE = 500;
/** How long an event is kept for the process that took it to tell it, in ms. */
const TO_TELL = 60_000;

/** What a process that has started the queue does for it now and then. */
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
    this.#every = Math.max(1_000, Math.min(EVERY, settings.remember, settings.rememberFailed));
  }

  /** @throws CallbackQueueError if Redis refuses. */
  async begin(): Promise<void> {
    await this.connection.ask('does not let deliveries be kept', async (store) => {
      await this.#warnOfLoss(store);
      await this.#keepUp(store);
    });
    this.#wait();
  }

  /** Resolves once nothing is done any more. */
  async end(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #wait(): void {
    if (this.#isEnding) return;
    this.#timer = setTimeout(() => {
      this.#round = this.connection
        .ask('does not let deliveries be kept', (store) => this.#keepUp(store))
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
      isMore = (await store.run('cbSweep', now - remember, now - rememberFailed, AT_ONCE)) === 1;
    }
  }

  async #tellUntold(store: JobStore): Promise<void> {
    while (!this.#isEnding) {
      const line = await store.run('cbClaim', Date.now() + TO_TELL);
      if (typeof line !== 'string') return;
      if (!(await this.worker.announce(readUntold(line)))) return;
      await store.redis.zrem(store.key('cb:untold'), line);
    }
  }

  async #warnOfLoss(store: JobStore): Promise<void> {
    // A user of Redis may not be allowed to ask.
    const info = await store.redis.info('persistence').catch(() => '');
    if (!/^aof_enabled:0/m.test(info)) return;
    this.#logger.warn(
      `Redis at ${addressOf(store.redis)} has \`appendonly no\`: deliveries that it was given are lost if it crashes. Fix: appendonly yes`,
    );
  }
}

/** An event as it is kept in Redis: with what makes it another one than each that is alike. */
export function writeUntold(id: string, attempt: number, event: UntoldEvent): string {
  return JSON.stringify([id, attempt, event]);
}

function readUntold(line: string): UntoldEvent {
  try {
    // Written by writeUntold(), as long as nobody else writes there; announce() refuses what it does not know.
    return (JSON.parse(line) as [string, number, UntoldEvent])[2];
  } catch {
    return null;
  }
}
