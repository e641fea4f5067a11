import type { CallbackQueue } from '../../delivery/queue/callback-queue.js';
import { ManagedQueue } from '../../delivery/queue/managed-queue.js';
import { DURABLE_QUEUE_TESTS } from './durable-queue-tests.js';
import { DUPLICATE_TESTS } from './duplicate-tests.js';
import { OPERATING_TESTS } from './operating-tests.js';
import { QUEUE_TESTS } from './queue-tests.js';
import { RECEIVER_TESTS } from './receiver-tests.js';

/** The queue that the suite is about. */
export interface CallbackQueueTestsOptions {
  /**
   * Makes a new, empty place for deliveries, for each test. What it gives opens a queue in that place, and is called
   * again for another process's queue, or for the queue of the next start.
   */
  storage: () => (() => CallbackQueue) | Promise<() => CallbackQueue>;

  /** Whether a queue that is opened in the same place later, or beside the first, finds what that one holds. */
  durable: boolean;
}

/** One test of the suite: hand it to the test runner that you have. Some wait for a lease to expire: allow 60 s. */
export interface CallbackQueueTest {
  /** What a queue does, as a sentence without its subject. */
  readonly name: string;
  /** Resolves if the queue does so, and rejects otherwise. */
  run(): Promise<void>;
}

/**
 * The tests that every queue must pass, for any test runner.
 *
 * @example
 * const suite = callbackQueueTests({ storage: () => () => memoryQueue(), durable: false });
 * for (const { name, run } of suite) test(name, run);
 */
export function callbackQueueTests({ storage, durable }: CallbackQueueTestsOptions): CallbackQueueTest[] {
  const always = [...QUEUE_TESTS, ...DUPLICATE_TESTS, ...RECEIVER_TESTS, ...OPERATING_TESTS];
  const tests = [...always, ...(durable ? DURABLE_QUEUE_TESTS : [])];
  return tests.map(([name, test]) => ({
    name,
    async run() {
      const opener = await storage();
      const opened: CallbackQueue[] = [];
      const open = () => {
        const queue = new ManagedQueue(opener());
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
