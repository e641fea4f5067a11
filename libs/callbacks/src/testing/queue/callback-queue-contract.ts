import type { CallbackQueue } from '../../delivery/queue/callback-queue.js';
import { DURABLE_QUEUE_TESTS } from './durable-queue-tests.js';
import { QUEUE_TESTS } from './queue-tests.js';

/** The queue that the suite is about. */
export interface QueueContractOptions {
  /**
   * Makes a new, empty place for deliveries, for each test. What it gives opens a queue in that place, and is called
   * again for another process's queue, or for the queue of the next start.
   */
  storage: () => (() => CallbackQueue) | Promise<() => CallbackQueue>;

  /** Whether a queue that is opened in the same place later, or beside the first, finds what that one holds. */
  durable: boolean;
}

/** One test of the suite: hand it to the test runner that you have. Some wait for a lease to expire: allow 60 s. */
export interface QueueContractTest {
  /** What a queue does, as a sentence without its subject. */
  readonly name: string;
  /** Resolves where the queue does so, and rejects where it does not. */
  run(): Promise<void>;
}

/**
 * The tests that every queue has to pass, for any test runner.
 *
 * @example
 * const suite = callbackQueueContract({ storage: () => () => memoryQueue(), durable: false });
 * for (const { name, run } of suite) test(name, run);
 */
export function callbackQueueContract({ storage, durable }: QueueContractOptions): QueueContractTest[] {
  const tests = [...QUEUE_TESTS, ...(durable ? DURABLE_QUEUE_TESTS : [])];
  return tests.map(([name, test]) => ({
    name,
    async run() {
      const opener = await storage();
      const opened: CallbackQueue[] = [];
      const open = () => {
        const queue = opener();
        opened.push(queue);
        return queue;
      };
      try {
        await test({ open });
      } finally {
        for (const queue of opened) {
          await queue.stop(0);
          await queue.close();
        }
      }
    },
  }));
}
