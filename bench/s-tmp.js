/**
 * What the queues cost: deliveries enqueued and delivered in a second, as ratios of what raw BullMQ and raw libsql
 * inserts with the same settings do in the same run; and how that changes from 1,000 to 100,000 queued deliveries.
 */
import { fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IsBoolean, IsString } from 'class-validator';
import Database from 'libsql';
import { Agent, request } from 'undici';
// What this checkout has built.
import {
  CallbackController,
  Callbacks,
  CallbacksModule,
  OnCallback,
  receiverReplies,
} from '../libs/callbacks/dist/index.js';
import { sqliteQueue } from '../libs/callbacks/dist/sqlite/index.js';

const ROUNDS = 5;
const A_ROUND = 5_000;
const WARM_UP = 5_000;
const AT_ONCE = 20;
const CONCURRENCY = 50;
const SIZES = [1_000, 10_000, 100_000];
const EVENT = { description: 'Payment celebration', paid: true };
const LOCKS = { lockDuration: 10_000, stalledInterval: 2_500 };

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

/** Counts what is delivered, and when the first and the last of them were. */
class Delivered {
  count = 0;
  note() {
    this.count += 1;
    this.first ??= performance.now();
    this.last = performance.now();
    if (this.count === this.expected) this.reached();
  }
  /** How many were delivered in a second, once so many are. */
  async perSecond(expected) {
    this.expected = expected;
    if (this.count < expected) await new Promise((resolve) => (this.reached = resolve));
    return ((expected - 1) / (this.last - this.first)) * 1_000;
  }
}
OnCallback('delivered')(Delivered.prototype, 'note', Object.getOwnPropertyDescriptor(Delivered.prototype, 'note'));

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** How many a second are done, so many at once. */
async function rateOf(count, atOnce, perform) {
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

/** An app of ours; with a concurrency of 0 it only enqueues. */
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

async function ours(openQueue, url, { count = A_ROUND, atOnce = AT_ONCE } = {}) {
  const web = await openApp(openQueue(), url, 0);
  await rateOf(WARM_UP, atOnce, web.enqueue);
  const enqueued = await rateOf(count, atOnce, web.enqueue);
  await web.close();
  const sender = await openApp(openQueue(), url, CONCURRENCY);
  const delivered = await sender.delivered.perSecond(count + WARM_UP);
  await sender.close();
  return { enqueued, delivered };
}

/** What one would write by hand: the same jobs, sent by undici. */

/** What one would write by hand: a table with the same index, and a synced commit for each row. */
async function rawLibsql(file) {
  const database = new Database(file);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, host TEXT, state TEXT, due INTEGER, delivery TEXT);
    CREATE INDEX IF NOT EXISTS by_due ON deliveries (host, due) WHERE state = 'ready'`);
  const insert = database.prepare("INSERT INTO deliveries VALUES (?, ?, 'ready', ?, ?)");
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const add = async () => {
    const id = `msg_${randomUUID()}`;
    const delivery = { id, url: 'http://127.0.0.1:3001/invoices', headers, body: JSON.stringify(EVENT) };
    insert.run(id, '127.0.0.1:3001', Date.now(), JSON.stringify(delivery));
  };
  await rateOf(WARM_UP, 1, add);
  const enqueued = await rateOf(A_ROUND, 1, add);
  database.close();
  return { enqueued };
}

/** How fast the first thousands are enqueued and delivered where so many are queued already. */
async function atSize(openQueue, url, size) {
  const web = await openApp(openQueue(), url, 0);
  await rateOf(size, 500, web.enqueue);
  const enqueued = await rateOf(A_ROUND, AT_ONCE, web.enqueue);
  await web.close();
  const sender = await openApp(openQueue(), url, CONCURRENCY);
  const delivered = await sender.delivered.perSecond(Math.min(size, A_ROUND));
  await sender.close();
  return { enqueued, delivered };
}

async function takeTurns(ways, times = ROUNDS) {
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



const folder = await mkdtemp(join(process.env.BENCH_DIR ?? tmpdir(), 'bench-queue-'));
const receiver = fork(new URL('receiver.js', import.meta.url));
try {
  const [port] = await once(receiver, 'message');
  const url = `http://127.0.0.1:${port}/invoices`;
  let files = 0;
  const openFile = () => { const file = join(folder, `queue-${++files}.db`); return () => sqliteQueue({ file }); };
  const r = {};
  const one = await ours(openFile(), url, { atOnce: 1 });
  const many = await ours(openFile(), url);
  console.log(JSON.stringify({ one: one.enqueued, many: many.enqueued, deliver: Math.max(one.delivered, many.delivered) }));
} finally { receiver.disconnect(); await rm(folder, { recursive: true, force: true }); }
