import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import { CallbackDeliveryError } from 'nestjs-callbacks';
import type { CallbackAttemptFailed, Callbacks, CallbacksModuleOptions, DeliverySummary } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { Webhook } from 'standardwebhooks';
import { closeAll } from '../support/closing.js';
import { event, ok, receiving, receivingByTls, replying, start, urlsAt } from '../support/enqueueing.js';
import type { Told } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { newFile } from '../support/queue-work.js';
import { freePort } from '../support/start-example.js';

afterEach(closeAll);

describe('a callback that is not taken', () => {
  const whsec = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;

  it.each<[what: string, fault: RequestListener]>([
    ['a 503', replying(503)],
    ['a 404', replying(404)],
    ['a redirect', replying(307, { location: '/elsewhere' })],
    ['a connection that is reset', (request) => request.socket.resetAndDestroy()],
    [
      'a connection that is reset in the middle of the headers',
      ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nx-a: 1', () => setTimeout(() => socket.resetAndDestroy(), 20)),
    ],
    ['no reply in time', () => undefined],
    [
      'headers that drip',
      ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nx-a: ');
        const drip = setInterval(() => socket.write('.'), 20);
        socket.on('close', () => clearInterval(drip));
      },
    ],
    ['something that is not HTTP', (request) => request.socket.end('SSH-2.0-OpenSSH\r\n')],
  ])('is sent again, the same bytes under the same id, after %s', async (_, fault) => {
    const receiver = await receiving(fault, ok);
    // The second attempt must end within it, also on a slow machine.
    const { callbacks, outcomes } = await start(receiver.port, { signing: { secret: whsec }, timeout: 1_000 });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(outcomes.told).toHaveLength(2));
    const [[failedName, failed], [deliveredName, delivered]] = outcomes.told as [Told, Told];
    expect([failedName, deliveredName]).toEqual(['attemptFailed', 'delivered']);
    expect(failed).toMatchObject({
      attempt: 1,
      error: expect.any(CallbackDeliveryError),
      nextAttemptAt: expect.any(Date),
    });
    expect(delivered).toMatchObject({ attempt: 2, statusCode: 200 });
    const [first, second] = receiver.requests;
    expect(second!.body).toEqual(first!.body);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    for (const { body, headers } of [first!, second!]) {
      new Webhook(whsec).verify(body.toString(), headers as Record<string, string>);
    }
  });

  it.each([
    ['an untrusted certificate', async () => (await receivingByTls()).url],
    ['a port that nobody listens on', async () => `http://127.0.0.1:${await freePort()}`],
    ['a host name that cannot be resolved', async () => 'http://nowhere.example'],
  ])('is given up when the schedule ends: %s', async (_, urlOf) => {
    const url = await urlOf();
    const port = Number(new URL(url).port || 80);
    const resolver = () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
    const egress = { allow: ['127.0.0.1'], ports: [port], http: true, resolver };
    const { callbacks, outcomes } = await start(port, { egress });
    await callbacks.enqueue(InvoiceCallbacks, { invoiceNotification: `${url}/` }).invoiceNotification(event);
    await eventually(() => expect(outcomes.told).toHaveLength(4));
    expect(outcomes.told.map(([name, { attempt }]) => [name, attempt])).toEqual([
      ['attemptFailed', 1],
      ['attemptFailed', 2],
      ['attemptFailed', 3],
      ['failed', 3],
    ]);
    expect(outcomes.told[2]![1]).not.toHaveProperty('nextAttemptAt');
    expect(outcomes.told[3]![1]).toMatchObject({ error: { code: 'CALLBACK_DELIVERY', reason: 'connection' } });
    expect(await callbacks.stats()).toMatchObject({ queued: 0, inFlight: 0, delivered: 0, failed: 1 });
  });

  it('is not sent earlier than the receiver asks', async () => {
    const receiver = await receiving(
      replying(503, { 'retry-after': '1' }),
      replying(503, { 'retry-after': 'soon' }),
      ok,
    );
    const { callbacks, outcomes } = await start(receiver.port);
    const begin = Date.now();
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(outcomes.told).toHaveLength(3));
    const [first, second] = outcomes.told as [Told, Told];
    const firstWait = (first[1] as CallbackAttemptFailed).nextAttemptAt!;
    const secondWait = (second[1] as CallbackAttemptFailed).nextAttemptAt!;
    expect(firstWait.getTime()).toBeGreaterThanOrEqual(begin + 1_000);
    // The second attempt was made after the first one's wait, and waited 20 ms itself.
    expect(secondWait.getTime()).toBeGreaterThanOrEqual(firstWait.getTime());
  });

  it('is given up at once when the receiver is gone', async () => {
    const receiver = await receiving(replying(410));
    const { callbacks, outcomes } = await start(receiver.port);
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'failed']));
    expect(receiver.requests).toHaveLength(1);
  });

  it('is given up at once when its host turns out to be a forbidden address', async () => {
    const receiver = await receiving(ok);
    const options = { egress: { allow: ['::1'], ports: [receiver.port], http: true } };
    const { callbacks, outcomes } = await start(receiver.port, options);
    const urls = { invoiceNotification: `http://localhost:${receiver.port}/` };
    await callbacks.enqueue(InvoiceCallbacks, urls).invoiceNotification(event);
    await eventually(() => expect(outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'failed']));
    expect(outcomes.told[1]![1]).toMatchObject({ attempt: 1, error: { code: 'CALLBACK_URL' } });
    expect(receiver.requests).toHaveLength(0);
  });

  it('is sent again after a function that gives secrets has thrown', async () => {
    const receiver = await receiving(ok);
    const secrets = [() => Promise.reject(new Error('The vault is closed.')), () => whsec];
    const { callbacks, outcomes } = await start(receiver.port, { signing: { secret: () => secrets.shift()!() } });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'delivered']));
    expect(receiver.requests).toHaveLength(1);
  });

  it.each<[what: string, secret: () => string]>([
    ['gave none', () => undefined as unknown as string],
    [
      'threw what is no error',
      () => {
        throw Object.create(null);
      },
    ],
    [
      'threw an error without a text',
      () => {
        throw Object.assign(new Error(), { message: { code: 1 } });
      },
    ],
  ])('has failed, and says why, where a function that gives secrets %s', async (_, secret) => {
    const receiver = await receiving(ok);
    const queue = sqliteQueue({ file: await newFile() });
    const { callbacks } = await start(receiver.port, { signing: { secret }, retry: { schedule: [] }, queue });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await failedOf(callbacks)).toHaveLength(1));
    expect((await failedOf(callbacks))[0]!.error).toMatch(
      /^The function `signing.secret` did not return a secret. Fix: |^A value of type object was thrown$/,
    );
  });

  it('is sent again after a function that gives secrets has hung', async () => {
    const receiver = await receiving(ok);
    const secrets = [() => new Promise<string>(() => undefined), () => whsec];
    const signing = { secret: () => secrets.shift()!() };
    const { callbacks, outcomes } = await start(receiver.port, { signing, timeout: 500 });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'delivered']));
  });
});

it('has as long for an attempt as it is given, however long that is', async () => {
  const receiver = await receiving((request, response) => setTimeout(() => ok(request, response), 50));
  const { callbacks, outcomes } = await start(receiver.port, { timeout: 2 ** 31 - 1 });
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  await eventually(() => expect(outcomes.told.map(([name]) => name)).toEqual(['delivered']));
});

describe('an attempt that was given up', () => {
  const whsec = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;

  it.each<[what: string, options: (wait: () => Promise<unknown>) => CallbacksModuleOptions]>([
    ['a function that gives secrets', (wait) => ({ signing: { secret: () => wait().then(() => whsec) } })],
    [
      'an interceptor',
      (wait) => {
        const instance = axios.create();
        const own = new AbortController().signal;
        instance.interceptors.request.use((config) => wait().then(() => ({ ...config, signal: own })));
        return { axios: instance };
      },
    ],
  ])('is not sent after all when %s goes on', async (_, optionsOf) => {
    let goOn: () => void = () => undefined;
    const waits = [new Promise<void>((resolve) => (goOn = resolve)), undefined];
    const receiver = await receiving(ok);
    const options = optionsOf(async () => waits.shift());
    const { callbacks, outcomes } = await start(receiver.port, { ...options, timeout: 500 });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'delivered']));
    goOn();
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(outcomes.told).toHaveLength(3));
    expect(receiver.requests).toHaveLength(2);
  });
});

async function failedOf(callbacks: Callbacks): Promise<readonly DeliverySummary[]> {
  return (await callbacks.deliveries({ state: 'failed' })).deliveries;
}

describe('a callback that failed for good', () => {
  it('is listed, and sent again when it is asked for', async () => {
    const receiver = await receiving(replying(500), replying(500), replying(500), ok);
    const { callbacks, outcomes } = await start(receiver.port);
    const result = await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver), { key: 'a' }).invoiceNotification(event);
    const id = 'id' in result ? result.id : '';
    await eventually(async () => expect(await failedOf(callbacks)).toHaveLength(1));
    expect(await failedOf(callbacks)).toEqual([
      {
        id,
        callback: 'InvoiceCallbacks.invoiceNotification',
        key: 'a',
        url: `${receiver.url}/invoices/2expen51ve`,
        state: 'failed',
        attempts: 3,
        error: `POST to ${receiver.url} failed: the receiver replied 500.`,
        enqueuedAt: expect.any(Date),
        updatedAt: expect.any(Date),
      },
    ]);
    expect(await callbacks.retry(id)).toEqual({ status: 'queued', id });
    await eventually(() => expect(outcomes.told.at(-1)![0]).toBe('delivered'));
    expect(outcomes.told.at(-1)![1]).toMatchObject({ id, attempt: 1 });
    expect(receiver.requests).toHaveLength(4);
    await eventually(async () => expect(await failedOf(callbacks)).toEqual([]));
  });

  it('must be known to be sent again', async () => {
    const { callbacks } = await start(undefined);
    const unknown = { code: 'CALLBACK_UNKNOWN_DELIVERY' };
    await expect(callbacks.retry('msg_nobody')).rejects.toMatchObject({
      ...unknown,
      message: 'The queue does not know the delivery msg_nobody. Fix: use an id that deliveries() lists.',
    });
    await expect(callbacks.retry('a\nb')).rejects.toMatchObject({
      ...unknown,
      message: 'The queue does not know a delivery with this id. Fix: use an id that deliveries() lists.',
    });
  });
});
