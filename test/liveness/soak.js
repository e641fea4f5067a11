/**
 * Half of the receivers hang, drip, reset their connections, or have names whose server is silent, while the other half
 * is healthy: `node --expose-gc soak.js memory|sqlite|bullmq|postgres PLACE SECONDS`. Says how long healthy deliveries took from
 * `enqueue()` to their reply, what memory the process had early and late, and what was lost once all have recovered.
 */
import { fork } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { memoryQueue, OnCallback } from 'nestjs-callbacks';
import { finish, NumberCallbacks, startApp, until } from './app.js';

const [kind, place, seconds] = process.argv.slice(2);
/** How many receivers there are of each kind, and how many deliveries may wait for one that misbehaves. */
const OF_EACH = 5;
const BACKLOG = 50;
/** How often each receiver is called, in ms. */
const PACE = 250;

const queueOf = {
  memory: () => memoryQueue({ capacity: 2_000 }),
  sqlite: async () => (await import('nestjs-callbacks/sqlite')).sqliteQueue({ file: place }),
  bullmq: async () => (await import('nestjs-callbacks/bullmq')).bullmqQueue({ connection: place }),
  postgres: async () => (await import('nestjs-callbacks/postgres')).postgresQueue({ connection: place }),
};

const begun = new Map();
const took = [];
const delivered = new Set();
class Outcomes {
  note({ key }) {
    const number = Number(key);
    delivered.add(number);
    if (begun.has(number)) took.push(performance.now() - begun.get(number));
    begun.delete(number);
  }
}
OnCallback('delivered')(Outcomes.prototype, 'note', Object.getOwnPropertyDescriptor(Outcomes.prototype, 'note'));

const strangers = fork('strangers.js');
const nameServer = fork('name-server.js', ['0']);
const [[port], [namePort]] = await Promise.all([once(strangers, 'message'), once(nameServer, 'message')]);
const names = new Resolver({ timeout: 20_000, tries: 1 });
names.setServers([`127.0.0.1:${namePort}`]);

const some = (hostOf) => Array.from({ length: OF_EACH }, (_, index) => `http://${hostOf(index + 1)}:${port}/`);
const healthy = [...some((n) => `127.0.1.${n}`), ...some((n) => `127.0.5.${n}`), ...some((n) => `127.0.6.${n}`)];
healthy.push(...some((n) => `ok${n}.test`));
const misbehaving = [2, 3, 4].flatMap((fault) => some((n) => `127.0.${fault}.${n}`));
misbehaving.push(...some((n) => `dead${n}.test`));

const callbacks = await startApp(
  [port],
  {
    queue: await queueOf[kind](),
    egress: { allow: ['127.0.0.0/8'], ports: [port], http: true, resolver: (name) => names.resolve4(name) },
    timeout: 5_000,
    retry: { schedule: Array.from({ length: 1_000 }, () => 5_000) },
  },
  [Outcomes],
);

let number = 0;
async function enqueue(url, isHealthy) {
  const key = String(number++);
  if (isHealthy) begun.set(Number(key), performance.now());
  await callbacks.enqueue(NumberCallbacks, { numbered: url }, { key }).numbered({ number: Number(key) });
}

const memory = [];
const noteMemory = () => {
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  memory.push({ heapUsed, rss });
};

const end = performance.now() + Number(seconds) * 1_000;
let waiting = 0;
for (let round = 0; performance.now() < end; round++) {
  const started = performance.now();
  const toMisbehaving = waiting < BACKLOG ? misbehaving : [];
  if (toMisbehaving.length > 0) waiting++;
  await Promise.all([...healthy.map((url) => enqueue(url, true)), ...toMisbehaving.map((url) => enqueue(url, false))]);
  if (round % 4 === 0) noteMemory();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, started + PACE - performance.now())));
}
// Nobody has recovered yet.
const isHealthyDone = await until(() => begun.size === 0);
const { queued, inFlight, failed } = await callbacks.stats();

nameServer.send('recover');
strangers.send('recover');
await once(strangers, 'message');
const isAllDone = await until(() => delivered.size === number);
strangers.send('tell');
const [arrived] = await once(strangers, 'message');

const quarter = Math.floor(memory.length / 4);
const megabytes = (from, to) => {
  const part = memory.slice(from, to);
  const mean = (name) =>
    Math.round((part.reduce((sum, each) => sum + each[name], 0) / part.length / 2 ** 20) * 10) / 10;
  return { heap: mean('heapUsed'), rss: mean('rss') };
};
took.sort((a, b) => a - b);
const quantile = (q) => Math.round(took[Math.min(took.length - 1, Math.floor(took.length * q))]);
finish({
  kind,
  healthy: took.length,
  p50: quantile(0.5),
  p95: quantile(0.95),
  max: quantile(1),
  early: megabytes(quarter, 2 * quarter),
  late: megabytes(-quarter),
  isHealthyDone,
  misbehavingLeft: queued + inFlight,
  isAllDone,
  lost: number - arrived.length,
  failed,
});
