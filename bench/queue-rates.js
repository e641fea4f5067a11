/** Shared by the benchmarks of queues: an app, rates, and turns. */
import { Body, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IsBoolean, IsString } from 'class-validator';
// The build of this checkout.
import {
  CallbackController,
  Callbacks,
  CallbacksModule,
  OnCallback,
  receiverReplies,
} from '../libs/callbacks/dist/index.js';

export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
export const COUNT = Number(process.env.BENCH_COUNT ?? 5_000);
export const WARM_UP = 1_000;
export const AT_ONCE = 50;
export const CONCURRENCY = 50;
const SIZES = (process.env.BENCH_SIZES ?? '1000,10000,100000').split(',').map(Number);
const PARTS = process.env.BENCH_PARTS?.split(',');
export const EVENT = { description: 'Payment celebration', paid: true };

class InvoiceEvent {}
IsString()(InvoiceEvent.prototype, 'description');
IsBoolean()(InvoiceEvent.prototype, 'paid');

class InvoiceCallbacks {
  paid(event) {
    return receiverReplies(event);
  }
}
Reflect.defineMetadata('design:paramtypes', [InvoiceEvent], InvoiceCallbacks.prototype, 'paid');
Body()(InvoiceCallbacks.prototype, 'paid', 0);
Post('invoices')(
  InvoiceCallbacks.prototype,
  'paid',
  Object.getOwnPropertyDescriptor(InvoiceCallbacks.prototype, 'paid'),
);
CallbackController('{$request.query.callback_url}')(InvoiceCallbacks);

/** Counts delivered callbacks, and notes the times of the first and the last one. */
export class Delivered {
  count = 0;
  note() {
    this.count += 1;
    this.first ??= performance.now();
    this.last = performance.now();
    if (this.count === this.expected) this.reached();
  }
  /** Resolves to the rate per second, once this many are delivered. */
  async perSecond(expected) {
    this.expected = expected;
    if (this.count < expected) await new Promise((resolve) => (this.reached = resolve));
    return ((expected - 1) / (this.last - this.first)) * 1_000;
  }
}
OnCallback('delivered')(Delivered.prototype, 'note', Object.getOwnPropertyDescriptor(Delivered.prototype, 'note'));

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Returns the rate per second, with this many at once. */
export async function rateOf(count, atOnce, perform) {
  let left = count;
  const next = async () => {
    while (left > 0) {
      left -= 1;
      await perform();
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: atOnce }, next));
  return (count / (performance.now() - start)) * 1_000;
}

/** Starts an app. With a concurrency of 0 it only enqueues. */
async function openApp(queue, url, concurrency) {
  const { port } = new URL(url);
  const egress = { allow: ['127.0.0.1'], ports: [Number(port)], http: true };
  const limits = { total: concurrency, perHost: Math.max(1, concurrency) };
  const imports = [CallbacksModule.forRoot({ queue, egress, concurrency: limits })];
  const module = { module: class AppModule {}, imports, providers: [Delivered] };
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  const callbacks = app.get(Callbacks);
  return {
    enqueue: () => callbacks.enqueue(InvoiceCallbacks, { paid: url }).paid(EVENT),
    delivered: app.get(Delivered),
    close: () => app.close(),
  };
}

export async function ours(openQueue, url, { count = COUNT, atOnce = AT_ONCE, warmUp = WARM_UP } = {}) {
  const web = await openApp(openQueue(), url, 0);
  await rateOf(warmUp, atOnce, web.enqueue);
  const enqueued = await rateOf(count, atOnce, web.enqueue);
  await web.close();
  const sender = await openApp(openQueue(), url, CONCURRENCY);
  const delivered = await sender.delivered.perSecond(count + warmUp);
  await sender.close();
  return { enqueued, delivered };
}

/** Measures how fast the first thousands are enqueued and delivered if this many are already queued. */
async function atSize(openQueue, url, size) {
  const web = await openApp(openQueue(), url, 0);
  await rateOf(size, 500, web.enqueue);
  const enqueued = await rateOf(COUNT, AT_ONCE, web.enqueue);
  await web.close();
  const sender = await openApp(openQueue(), url, CONCURRENCY);
  const delivered = await sender.delivered.perSecond(Math.min(size, COUNT));
  await sender.close();
  return { enqueued, delivered };
}

/** Measures the parts in BENCH_PARTS, or all parts if it is not set. */
export async function part(name, title, ways, rounds = ROUNDS) {
  if (PARTS === undefined || PARTS.includes(name)) print(`${name}: ${title}`, await takeTurns(ways, rounds));
}

async function takeTurns(ways, times) {
  const rounds = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < times; round += 1) {
    for (const [name, way] of Object.entries(ways)) rounds[name].push(await way());
  }
  return Object.fromEntries(
    Object.entries(rounds).map(([name, results]) => [
      name,
      Object.fromEntries(Object.keys(results[0]).map((what) => [what, median(results.map((result) => result[what]))])),
    ]),
  );
}

function print(title, results) {
  console.log(`\n${title}`);
  const [base] = Object.values(results);
  for (const [name, rates] of Object.entries(results)) {
    const cells = Object.entries(rates).map(([what, rate]) => {
      const ratio = base[what] === undefined ? '' : ` (${(rate / base[what]).toFixed(2)})`;
      return `${what} ${Math.round(rate).toLocaleString('en')}/s${ratio}`;
    });
    console.log(`${name.padEnd(36)} ${cells.join('   ')}`);
  }
}

/** Prints how fast the first thousands are enqueued and delivered if this many are already queued. */
export function growth(name, url, openStore) {
  return Object.fromEntries(
    SIZES.map((size) => [
      `${name}, ${size.toLocaleString('en')} queued`,
      async () => atSize(await openStore(), url, size),
    ]),
  );
}
