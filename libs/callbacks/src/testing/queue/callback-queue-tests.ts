import type { CallbackQueue } from '../../delivery/queue/callback-queue.js';
import { ManagedQueue } from '../../delivery/queue/managed-queue.js';
import { DURABLE_QUEUE_TESTS } from './durable-queue-tests.js';
import { DUPLICATE_TESTS } from './duplicate-tests.js';
import { OPERATING_TESTS } from './operating-tests.js';
import { QUEUE_TESTS } from './queue-tests.js';
import { RECEIVER_TESTS } from './receiver-tests.js';

/** The queue to test. */
export interface CallbackQueueTestsOptions {
  /**
   * Creates a new, empty storage for each test, and returns a function that opens a queue in it. The function is called
   * again for the queue of another process, or after a restart.
   */
  storage: () => (() => CallbackQueue) | Promise<() => CallbackQueue>;

  /**
   * Whether another queue in the same storage, opened later or at the same time, finds the deliveries of the first one.
   */
  durable: boolean;
}

/** One test of the suite, for any test runner. Some tests wait for a lease to expire, so allow 60 s. */
export interface CallbackQueueTest {
  /** What the queue does, as a sentence without a subject. */
  readonly name: string;
  /** Resolves if the queue passes, and rejects otherwise. */
  run(): Promise<void>;
}

/**
 * Returns the tests that every queue must pass, for any test runner.
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
