import type { CallbackQueue, QueueWorker } from './callback-queue.js';

/** Which app works on a queue: another one that is created with it too must not close it. */
const OWNERS = new WeakMap<CallbackQueue, AppQueue>();

/** The queue of one app, from the app's start to its end. Nest lets none end that has not started. */
export class AppQueue {
  constructor(private readonly queue: CallbackQueue) {}

  async start(worker: QueueWorker): Promise<void> {
    if (!OWNERS.has(this.queue)) OWNERS.set(this.queue, this);
    try {
      await this.queue.start(worker);
    } catch (error) {
      if (this.#isOwn) OWNERS.delete(this.queue);
      throw error;
    }
  }

  async stop(grace: number): Promise<void> {
    if (this.#isOwn) await this.queue.stop(grace);
  }

  async close(): Promise<void> {
    if (!this.#isOwn) return;
    OWNERS.delete(this.queue);
    await this.queue.close();
  }

  get #isOwn(): boolean {
    return (OWNERS.get(this.queue) ?? this) === this;
  }
}
