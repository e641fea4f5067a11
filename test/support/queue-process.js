/**
 * A process of its own that works on the queue of a file, or of a database of Postgres, with the built library:
 * `node queue-process.js FILE|URL work | hang | add`. It prints what it does, a word and an id on each line.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../../libs/callbacks/dist/delivery/callback-delivery.js';
import { postgresQueue } from '../../libs/callbacks/dist/postgres/index.js';
import { sqliteQueue } from '../../libs/callbacks/dist/sqlite/index.js';

const [, , place, task] = process.argv;
const queue = place.startsWith('postgres:') ? postgresQueue({ connection: place }) : sqliteQueue({ file: place });

if (task === 'add') {
  const request = { method: 'POST', url: 'https://www.external.org/events', headers: {} };
  const delivery = {
    status: 'prepared',
    version: 1,
    callback: 'A.b',
    receiver: request.url,
    digest: digestOf(request),
    request,
  };
  const ids = Array.from({ length: 50 }, (_, index) => `msg_added_${index}`);
  await Promise.all(ids.map((id) => queue.add({ ...delivery, id })));
  process.kill(process.pid, 'SIGKILL');
}

await queue.start({
  concurrency: 3,
  acquire: (_, most) => most,
  release: () => undefined,
  cancelled: async () => undefined,
  announce: async () => true,
  async attempt({ id }) {
    console.log(`attempted ${id}`);
    await (task === 'hang' ? new Promise(() => {}) : sleep(20));
    return { status: 'delivered', record: { attempt: 1, at: new Date(), duration: 20 } };
  },
});
console.log('started');
