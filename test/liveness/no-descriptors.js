/**
 * Runs out of file descriptors, and gets them back: `node no-descriptors.js`, under a `ulimit -n`. It prints what the
 * receiver got, and what the app was told of the attempts.
 */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { OnCallback } from 'nestjs-callbacks';
import { finish, NumberCallbacks, startApp, startReceiver, until } from './app.js';

const events = [];
class Listener {
  delivered(event) {
    events.push(`delivered ${event.attempt}`);
  }
  attemptFailed(event) {
    events.push(`failed ${event.attempt}`);
  }
}
for (const name of ['delivered', 'attemptFailed']) {
  OnCallback(name)(Listener.prototype, name, Object.getOwnPropertyDescriptor(Listener.prototype, name));
}

const { port, numbers } = await startReceiver();
const callbacks = await startApp([port], { retry: { schedule: [] } }, [Listener]);
// What is loaded with the first attempt is there.
await callbacks.send(NumberCallbacks, { numbered: `http://127.0.0.1:${port}/` }).numbered({ number: 0 });
await until(() => numbers.has(0));
// The connection that is kept open must not serve the next.
await new Promise((resolve) => setTimeout(resolve, 6_000));

const taken = [];
try {
  for (;;) taken.push(openSync(devNull, 'r'));
} catch (error) {
  if (error.code !== 'EMFILE') throw error;
}
const sent = await callbacks
  .send(NumberCallbacks, { numbered: `http://127.0.0.1:${port}/` })
  .numbered({ number: 1 })
  .catch((error) => error.reason);
await callbacks.enqueue(NumberCallbacks, { numbered: `http://127.0.0.1:${port}/` }).numbered({ number: 2 });
await new Promise((resolve) => setTimeout(resolve, 1_000));
const { queued, failed } = await callbacks.stats();
taken.forEach(closeSync);
const isDelivered = await until(() => events.length > 0);
finish({ sent, queued, failed, isDelivered, events });
