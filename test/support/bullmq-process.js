/**
 * A process of its own with a queue on Redis, of the built package: `node bullmq-process.js <task> <connection> <name>`.
 * It says what it has done, a line each, and ends by itself once the queue is closed.
 */
import { bullmqQueue } from '../../libs/callbacks/dist/bullmq/index.js';
import { digestOf } from '../../libs/callbacks/dist/delivery/callback-delivery.js';

const [task, connection, name] = process.argv.slice(2);
const queue = bullmqQueue({ connection, name });

function worker(attempt) {
  const noted = async (delivery, count) => ({
    ...(await attempt(delivery, count)),
    record: { attempt: count, at: new Date(), duration: 1 },
  });
  return { concurrency: 10, acquire: (_, most) => most, release() {}, attempt: noted, announce: async () => true };
}

const request = { method: 'POST', url: 'https://www.external.org/events', headers: {}, body: '{}' };
const delivery = {
  status: 'prepared',
  version: 1,
  id: 'msg_of_a_process',
  callback: 'Test.notify',
  receiver: 'https://www.external.org/events',
  digest: digestOf(request),
  request,
};

const tasks = {
  /** Begins attempts that never end. */
  async hang() {
    await queue.start(
      worker(({ id }, attempt) => {
        console.log(`attempt ${attempt} of ${id}`);
        return new Promise(() => undefined);
      }),
    );
  },
  /** Delivers one and closes. */
  async deliver() {
    await new Promise((resolve) => {
      const attempt = async () => {
        setImmediate(resolve);
        return { status: 'delivered' };
      };
      void queue.start(worker(attempt)).then(() => queue.add(delivery));
    });
    await queue.stop(10_000);
    const { delivered } = await queue.stats();
    await queue.close();
    console.log(`delivered ${delivered}`);
  },
  /** Closes in the midst of an attempt. */
  async abandon() {
    await new Promise((resolve) => {
      const attempt = () => {
        resolve();
        return new Promise(() => undefined);
      };
      void queue.start(worker(attempt)).then(() => queue.add(delivery));
    });
    await queue.stop(100);
    await queue.close();
    console.log('closed');
  },
  /** Cannot start. */
  async fail() {
    await queue.start(worker()).catch((error) => console.log(error.message));
  },
};

await tasks[task]();
