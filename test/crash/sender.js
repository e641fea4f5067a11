/**
 * A process that enqueues and sends until it is stopped or killed. It runs the built package, as a user's app would.
 * Every number that `enqueue()` has accepted is written to the standard output, at once and synchronously.
 */
import { writeSync } from 'node:fs';
import { Body, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CallbackController, Callbacks, CallbacksModule, receiverReplies } from 'nestjs-callbacks';

/** @type {import('./run-sender.ts').SenderOptions} */
const { queue, place, receivers, from, count, pause, timeout, perHost, isTalkative } = JSON.parse(process.argv[2]);
const AT_ONCE = 20;

process.on('disconnect', () => process.exit(1));

class NumberCallbacks {
  numbered(event) {
    return receiverReplies(event);
  }
}
const numbered = Object.getOwnPropertyDescriptor(NumberCallbacks.prototype, 'numbered');
Body()(NumberCallbacks.prototype, 'numbered', 0);
Post()(NumberCallbacks.prototype, 'numbered', numbered);
CallbackController('{$request.body#/url}')(NumberCallbacks);

class AppModule {}
Module({
  imports: [
    CallbacksModule.forRoot({
      queue: await openQueue(),
      egress: { allow: ['127.0.0.1'], ports: receivers.map((url) => Number(new URL(url).port)), http: true },
      signing: { secret: `whsec_${Buffer.alloc(32, 'crash').toString('base64')}` },
      retry: { schedule: Array.from({ length: 200 }, () => 200) },
      concurrency: { total: 50, perHost },
      timeout,
    }),
  ],
})(AppModule);

// The standard output is for the numbers only.
const talkative = { log: console.error, warn: console.error, error: console.error };
const app = await startApp();
app.enableShutdownHooks();
const callbacks = app.get(Callbacks);
if (globalThis.gc) setInterval(tellMemory, 500).unref();
let next = from;
await Promise.all(Array.from({ length: AT_ONCE }, enqueueInTurn));

async function enqueueInTurn() {
  while (next < from + count) {
    const number = next++;
    const urls = { numbered: receivers[number % receivers.length] };
    while (!(await enqueue(number, urls))) await sleep(100);
    writeSync(1, `${number}\n`);
    if (pause > 0) await sleep(pause);
  }
}

/** False while the queue is unreachable. A number that was not accepted is enqueued again, with the same key. */
async function enqueue(number, urls) {
  try {
    await callbacks.enqueue(NumberCallbacks, urls, { key: `${number}` }).numbered({ number });
    return true;
  } catch (error) {
    if (error.code !== 'CALLBACK_QUEUE') throw error;
    return false;
  }
}

async function tellMemory() {
  globalThis.gc();
  process.send({ heapUsed: process.memoryUsage().heapUsed, stats: await callbacks.stats() });
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whoever runs a process starts it again if its queue was out of reach. */
async function startApp() {
  for (;;) {
    try {
      return await NestFactory.createApplicationContext(AppModule, {
        logger: isTalkative ? talkative : ['error'],
        abortOnError: false,
      });
    } catch (error) {
      if (error.code !== 'CALLBACK_QUEUE') throw error;
      await sleep(100);
    }
  }
}

async function openQueue() {
  if (queue === 'sqlite') return (await import('nestjs-callbacks/sqlite')).sqliteQueue({ file: place });
  if (queue === 'bullmq') return (await import('nestjs-callbacks/bullmq')).bullmqQueue({ connection: place });
  return (await import('nestjs-callbacks/postgres')).postgresQueue({ connection: place });
}
