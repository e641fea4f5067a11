/**
 * Measures what one delivered callback costs the sending process, as a ratio of the same request with axios and with
 * undici alone, and what resolving its URL costs, as a ratio of a hand-written template string.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent as HttpAgent } from 'node:http';
import { Body, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiOkResponse } from '@nestjs/swagger';
import axios from 'axios';
import { IsBoolean, IsString } from 'class-validator';
import { Agent, request } from 'undici';
// The build of this checkout, with a function that the package does not export.
import { resolveCallbackUrl } from '../libs/callbacks/dist/expression/resolve-callback-url.js';
import { parseUrlTemplate } from '../libs/callbacks/dist/expression/url-template.js';
import { CallbackController, Callbacks, CallbacksModule, receiverReplies } from '../libs/callbacks/dist/index.js';

const ROUNDS = 7;
const CALLBACKS_A_ROUND = 2_000;
const WARM_UP_CALLBACKS = 4_000;
const IN_FLIGHT = 20;
const URLS_A_ROUND = 200_000;

class InvoiceEvent {}
IsString()(InvoiceEvent.prototype, 'description');
IsBoolean()(InvoiceEvent.prototype, 'paid');

class InvoiceEventReceived {}
IsBoolean()(InvoiceEventReceived.prototype, 'ok');

class InvoiceCallbacks {
  invoiceNotification(event) {
    return receiverReplies(event);
  }
}
const descriptor = Object.getOwnPropertyDescriptor(InvoiceCallbacks.prototype, 'invoiceNotification');
Reflect.defineMetadata('design:paramtypes', [InvoiceEvent], InvoiceCallbacks.prototype, 'invoiceNotification');
Body()(InvoiceCallbacks.prototype, 'invoiceNotification', 0);
Post('invoices')(InvoiceCallbacks.prototype, 'invoiceNotification', descriptor);
ApiOkResponse({ type: InvoiceEventReceived })(InvoiceCallbacks.prototype, 'invoiceNotification', descriptor);
CallbackController('{$request.query.callback_url}')(InvoiceCallbacks);

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
function cpuMicroseconds() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Returns the median CPU time of each way, in µs. They take turns, so that a disturbance affects all of them. */
async function compare(ways, times, warmUp, run) {
  for (const way of Object.values(ways)) await run(way, warmUp);
  const rounds = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      globalThis.gc?.();
      const start = cpuMicroseconds();
      await run(way, times);
      rounds[name].push((cpuMicroseconds() - start) / times);
    }
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, values]) => [name, median(values)]));
}

/** Sends this many, with a constant number in flight. */
async function sendMany(send, count) {
  let left = count;
  const sendNext = async () => {
    while (left > 0) {
      left -= 1;
      await send();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendNext));
}

function resolveMany(resolve, count) {
  let length = 0;
  for (let index = 0; index < count; index += 1) length += resolve(`2expen${index}`).length;
  return length;
}

function print(title, results, decimals) {
  console.log(`\n${title}`);
  const names = Object.keys(results);
  const [first] = names;
  const width = Math.max(...names.map((name) => name.length));
  for (const name of names) {
    const time = `${results[name].toFixed(decimals)} µs`.padStart(9);
    console.log(`${name.padEnd(width)}   ${time}   ${(results[name] / results[first]).toFixed(2).padStart(5)}`);
  }
}

async function compareSending(port) {
  const url = `http://127.0.0.1:${port}/invoices`;
  const event = Object.assign(new InvoiceEvent(), { description: 'Payment celebration', paid: true });
  const dispatcher = new Agent();
  const httpAgent = new HttpAgent({ keepAlive: true });
  const imports = [
    CallbacksModule.forRoot({
      egress: { allow: ['127.0.0.1'], ports: [port], http: true },
      signing: { secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' },
    }),
  ];
  const app = await NestFactory.createApplicationContext({ module: class AppModule {}, imports }, { logger: false });
  const callbacks = app.get(Callbacks);
  const ways = {
    'undici.request()': async () => {
      const headers = { 'content-type': 'application/json' };
      const reply = await request(url, { method: 'POST', headers, body: JSON.stringify(event), dispatcher });
      return reply.body.json();
    },
    'axios.post()': async () => (await axios.post(url, event, { httpAgent })).data,
    'callbacks.send()': async () => {
      const result = await callbacks.send(InvoiceCallbacks, { invoiceNotification: url }).invoiceNotification(event);
      return result.body;
    },
  };
  const results = await compare(ways, CALLBACKS_A_ROUND, WARM_UP_CALLBACKS, sendMany);
  await app.close();
  await dispatcher.close();
  httpAgent.destroy();
  return results;
}

function compareResolving() {
  const template = parseUrlTemplate('{$request.query.callback_url}/invoices/{$request.body#/id}');
  const query = { callback_url: 'https://www.external.org/events' };
  const exchangeOf = (id) => ({ request: { query, body: { id } } });
  const ways = {
    'template string': (id) => {
      const { request: received } = exchangeOf(id);
      return `${received.query.callback_url}/invoices/${encodeURIComponent(received.body.id)}`;
    },
    'template string after new URL()': (id) => {
      const { request: received } = exchangeOf(id);
      const { protocol } = new URL(received.query.callback_url);
      if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError('no callback URL');
      return `${received.query.callback_url}/invoices/${encodeURIComponent(received.body.id)}`;
    },
    'resolveCallbackUrl()': (id) => resolveCallbackUrl(template, exchangeOf(id)).url,
  };
  return compare(ways, URLS_A_ROUND, URLS_A_ROUND, resolveMany);
}

console.log(`CPU of the sender: medians of ${ROUNDS} rounds, Node ${process.version}`);
const receiver = fork(new URL('receiver.js', import.meta.url));
try {
  const [port] = await once(receiver, 'message');
  const sending = await compareSending(port);
  print(`one callback, ${IN_FLIGHT} in flight; the ratio to undici`, sending, 0);
  console.log(`ours / axios ${(sending['callbacks.send()'] / sending['axios.post()']).toFixed(2)}`);
} finally {
  receiver.disconnect();
}
print('one URL; the ratio to a template string', await compareResolving(), 3);
