/**
 * Enqueues callbacks to names whose server is silent, and others: `node silent-names.js NAMES`. It needs the name server
 * of `name-server.js`. While the silent ones are in flight, it looks names up by itself, as an app does.
 */
import { lookup } from 'node:dns/promises';
import { finish, NumberCallbacks, startApp, startReceiver, until } from './app.js';

const names = Number(process.argv[2]);
const { port, numbers } = await startReceiver();
// Names that hang have a slot each until they time out: there are more slots than that.
const callbacks = await startApp([port], { timeout: 30_000, concurrency: { total: 4 * names + 20, perHost: 4 } });
const enqueue = (host, number) =>
  callbacks.enqueue(NumberCallbacks, { numbered: `http://${host}:${port}/` }).numbered({ number });

for (let number = 0; number < names * 3; number++) await enqueue(`dead${number % names}.test`, -1);
const healthy = 100;
let lookups = 0;
for (let number = 0; number < healthy; number++) {
  await enqueue(`ok${number % 40}.test`, number);
  void lookup('ok0.test').then(() => lookups++);
}
// What has arrived is in flight until the reply is read.
const isDone = await until(async () => (await callbacks.stats()).delivered === healthy && lookups === healthy);
const { inFlight, failed } = await callbacks.stats();
finish({ isDone, delivered: numbers.size, lookups, inFlight, failed });
