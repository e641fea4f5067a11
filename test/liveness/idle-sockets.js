/**
 * Calls so many receivers, each at an address of its own, and says how many sockets were open at most, and how many are
 * afterwards: `node idle-sockets.js RECEIVERS`. They all keep their connections alive.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { memoryQueue } from 'nestjs-callbacks';
import { finish, NumberCallbacks, startApp, until } from './app.js';

const receivers = Number(process.argv[2]);
const openFiles = async () => (await readdir('/proc/self/fd')).length;

const strangers = fork('strangers.js');
const [port] = await once(strangers, 'message');
const callbacks = await startApp([port], { queue: memoryQueue({ capacity: 2 * receivers }) });
const before = await openFiles();
for (let number = 0; number < receivers; number++) {
  const address = `127.1.${10 + Math.floor(number / 250)}.${1 + (number % 250)}`;
  await callbacks.enqueue(NumberCallbacks, { numbered: `http://${address}:${port}/` }).numbered({ number });
}
let most = 0;
const sockets = async () => {
  const now = (await openFiles()) - before;
  most = Math.max(most, now);
  return now;
};
const isDelivered = async () => (await sockets()) >= 0 && (await callbacks.stats()).delivered === receivers;
const isDone = await until(isDelivered, 150_000);
finish({ receivers, isDone, most, afterwards: await sockets() });
