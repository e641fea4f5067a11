import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, ConsoleLogger, Injectable, Module, Post, Query, Scope } from '@nestjs/common';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsString } from 'class-validator';
import {
  ApiCallback,
  CallbackContractError,
  CallbackController,
  CallbackDeliveryError,
  CallbackQueueError,
  CallbackReplyError,
  Callbacks,
  CallbacksModule,
  CallbackUrlError,
  memoryQueue,
  OnCallback,
  receiverReplies,
} from 'nestjs-callbacks';
import type {
  CallbackAttemptFailed,
  CallbackDelivered,
  CallbackFailed,
  CallbacksModuleOptions,
  PreparedCallback,
} from 'nestjs-callbacks';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { createCertificate } from '../support/create-certificate.js';
import { eventually } from '../support/eventually.js';
import { startReceiver } from '../support/start-receiver.js';
import type { Receiver } from '../support/start-receiver.js';

class InvoiceEvent {
  @ApiProperty() @IsString() description!: string;
  @ApiProperty() @IsBoolean() paid!: boolean;
}
class InvoiceEventReceived {
  @ApiProperty() @IsBoolean() ok!: boolean;
}
class Invoice {
  @ApiProperty() @IsString() id!: string;
}
class InvoiceQuery {
  @ApiProperty({ required: false }) callback_url?: string;
}

@CallbackController('{$request.query.callback_url}')
class InvoiceCallbacks {
  @Post('invoices/{$request.body#/id}')
  @ApiOkResponse({ type: InvoiceEventReceived })
  invoiceNotification(@Body() event: InvoiceEvent): InvoiceEventReceived {
    return receiverReplies();
  }
}

@Controller('invoices')
class InvoicesController {
  @Post()
  @ApiCallback(InvoiceCallbacks)
  create(@Body() invoice: Invoice, @Query() query: InvoiceQuery) {
    return invoice;
  }
}

type Told = ['delivered', CallbackDelivered] | ['attemptFailed', CallbackAttemptFailed] | ['failed', CallbackFailed];

@Injectable()
class Outcomes {
  readonly told: Told[] = [];
  @OnCallback('delivered')
  noteDelivery(event: CallbackDelivered) {
    this.told.push(['delivered', event]);
  }
  @OnCallback('attemptFailed')
  noteAttempt(event: CallbackAttemptFailed) {
    this.told.push(['attemptFailed', event]);
  }
  @OnCallback('failed')
  async noteFailure(event: CallbackFailed) {
    this.told.push(['failed', event]);
  }
}

const apps: INestApplication[] = [];
const receivers: Receiver[] = [];
const event = { description: 'Payment celebration', paid: true };
const ok: RequestListener = (_, response) => response.setHeader('content-type', 'application/json').end('{"ok":true}');

/** Replies with one listener after the other, the last of them for ever. */
async function receiving(...listeners: RequestListener[]): Promise<Receiver> {
  const receiver = await startReceiver((request, response) => {
    const listener = listeners.length > 1 ? listeners.shift()! : listeners[0]!;
    listener(request, response);
  });
  receivers.push(receiver);
  return receiver;
}

/** Keeps the lines that the app logs. */
class Lines extends ConsoleLogger {
  readonly lines: string[] = [];
  protected override printStackTrace(): void {}
  protected override printMessages(messages: unknown[], context?: string): void {
    for (const message of messages) this.lines.push(`[${context}] ${this.stringifyMessage(message, 'log')}`);
  }
}

let lines: Lines;
beforeEach(() => {
  lines = new Lines({ colors: false });
});

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  for (const receiver of receivers.splice(0)) await receiver.close();
});

async function start(
  port: number | undefined,
  options: CallbacksModuleOptions = {},
  metadata: ModuleMetadata = { controllers: [InvoicesController], providers: [Outcomes] },
) {
  const ports = port === undefined ? [] : [port];
  const egress = { allow: ['127.0.0.1'], ports, http: true };
  const retry = { schedule: [20, 20], jitter: 0 };
  @Module({ imports: [CallbacksModule.forRoot({ egress, retry, ...options })], ...metadata })
  class TestModule {}
  const app = await NestFactory.create(TestModule, { abortOnError: false, logger: lines });
  apps.push(app);
  await app.init();
  return {
    app,
    callbacks: app.get(Callbacks),
    outcomes: metadata.providers?.includes(Outcomes) ? app.get(Outcomes) : new Outcomes(),
  };
}

const urlsAt = (receiver: Receiver) => ({ invoiceNotification: `${receiver.url}/invoices/2expen51ve` });
const replying =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end();

describe('enqueue()', () => {
  it('resolves once the queue holds the callback, which is then sent', async () => {
    const receiver = await receiving(ok);
    const { callbacks, outcomes } = await start(receiver.port);
    const result = await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    expect(result).toEqual({ status: 'queued', id: expect.stringMatching(/^msg_/) });
    await eventually(() => expect(outcomes.told).toHaveLength(1));
    const [[name, told]] = outcomes.told as [Told];
    expect(name).toBe('delivered');
    expect(told).toEqual({
      id: 'id' in result && result.id,
      callback: 'InvoiceCallbacks.invoiceNotification',
      url: `${receiver.url}/invoices/2expen51ve`,
      attempt: 1,
      statusCode: 200,
      headers: expect.objectContaining({ 'content-type': 'application/json' }),
      body: { ok: true },
    });
    expect((told as CallbackDelivered).body).toBeInstanceOf(InvoiceEventReceived);
    expect(await callbacks.stats()).toEqual({ queued: 0, inFlight: 0, delivered: 1, failed: 0 });
  });

  it('skips a callback that nobody asked for', async () => {
    const { callbacks } = await start(undefined);
    expect(await callbacks.enqueue(InvoiceCallbacks, {}).invoiceNotification(event)).toEqual({ status: 'skipped' });
    expect(await callbacks.prepare(InvoiceCallbacks, {}).invoiceNotification(event)).toEqual({ status: 'skipped' });
    expect(await callbacks.submit({ status: 'skipped' })).toEqual({ status: 'skipped' });
    expect(await callbacks.stats()).toMatchObject({ queued: 0 });
  });

  it('refuses what the receiver must not get, and holds nothing', async () => {
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port);
    const wrong = { description: 7 } as unknown as InvoiceEvent;
    await expect(callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(wrong)).rejects.toThrow(
      CallbackContractError,
    );
    await expect(
      callbacks.enqueue(InvoiceCallbacks, { invoiceNotification: 'https://10.0.0.1/' }).invoiceNotification(event),
    ).rejects.toThrow(CallbackUrlError);
    await expect(
      callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver), { key: '' }).invoiceNotification(event),
    ).rejects.toThrow('The `key` of a callback has to be a string that is not empty.');
    expect(await callbacks.stats()).toEqual({ queued: 0, inFlight: 0, delivered: 0, failed: 0 });
  });

  it('with one key twice is one delivery, and one to each URL', async () => {
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port);
    const enqueue = (path: string) =>
      callbacks
        .enqueue(InvoiceCallbacks, { invoiceNotification: `${receiver.url}${path}` }, { key: 'invoice-1' })
        .invoiceNotification(event);
    const [first, second, other] = [await enqueue('/a'), await enqueue('/a'), await enqueue('/b')];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 2, queued: 0 }));
    expect(await enqueue('/a')).toEqual(first);
    expect(await callbacks.stats()).toMatchObject({ delivered: 2, queued: 0, inFlight: 0 });
    expect(receiver.requests.map(({ url }) => url).toSorted()).toEqual(['/a', '/b']);
  });

  it.each([null, undefined, 'https://www.external.org/'])('refuses %j in the place of the URLs', async (urls) => {
    const { callbacks } = await start(undefined);
    expect(() => callbacks.enqueue(InvoiceCallbacks, urls as unknown as Record<string, string>)).toThrow(
      'InvoiceCallbacks was not sent: the URLs have to be an object. Fix: give what @CallbackUrls() or urls() gave.',
    );
  });

  it('is refused by a queue that is full, which holds what it held', async () => {
    const receiver = await receiving(() => undefined);
    const { callbacks } = await start(receiver.port, { queue: memoryQueue({ capacity: 2 }), timeout: 200 });
    const enqueue = () => callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await enqueue();
    await enqueue();
    await expect(enqueue()).rejects.toThrow(CallbackQueueError);
    await expect(enqueue()).rejects.toThrow('it holds 2 deliveries. Fix: use a durable queue, or raise its `capacity`');
    await eventually(() => expect(receiver.requests.length).toBeGreaterThanOrEqual(2));
  });
});

describe('prepare() and submit()', () => {
  it('make one delivery of plain JSON, however often it is submitted', async () => {
    const receiver = await receiving(ok);
    const { callbacks, outcomes } = await start(receiver.port);
    const prepared = await callbacks
      .prepare(InvoiceCallbacks, urlsAt(receiver), { key: 'invoice-1' })
      .invoiceNotification(event);
    expect(prepared).toEqual({
      status: 'prepared',
      id: expect.stringMatching(/^msg_[\w-]{43}$/),
      callback: 'InvoiceCallbacks.invoiceNotification',
      key: 'invoice-1',
      request: {
        method: 'POST',
        url: `${receiver.url}/invoices/2expen51ve`,
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: JSON.stringify(event),
      },
    });
    expect(await callbacks.stats()).toMatchObject({ queued: 0 });
    const saved = JSON.parse(JSON.stringify(prepared)) as PreparedCallback;
    expect(saved).toEqual(prepared);
    for (let time = 1; time <= 3; time++) {
      expect(await callbacks.submit(saved)).toEqual({ status: 'queued', id: 'id' in prepared && prepared.id });
    }
    await eventually(() =>
      expect(outcomes.told).toEqual([['delivered', expect.objectContaining({ key: 'invoice-1' })]]),
    );
    expect(receiver.requests).toHaveLength(1);
  });

  it('refuse what prepare() did not give', async () => {
    const { callbacks } = await start(undefined);
    await expect(callbacks.submit({ id: 'msg_1' } as unknown as PreparedCallback)).rejects.toThrow(
      'A delivery was not sent: status: must be "prepared" or "skipped"',
    );
    const prepared = {
      status: 'prepared' as const,
      id: 'msg_1',
      callback: 'InvoiceCallbacks.invoiceNotification',
      request: { method: 'POST', url: 'https://169.254.169.254/', headers: {} },
    };
    await expect(callbacks.submit(prepared)).rejects.toThrow(CallbackUrlError);
  });
});

describe('a callback that is not taken', () => {
  const whsec = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;

  it.each<[what: string, fault: RequestListener]>([
    ['a 503', replying(503)],
    ['a 404', replying(404)],
    ['a redirect', replying(307, { location: '/elsewhere' })],
    ['a connection that is reset', (request) => request.socket.resetAndDestroy()],
    [
      'a connection that is reset in the middle of a reply',
      (request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{"ok":');
        setTimeout(() => request.socket.resetAndDestroy(), 20);
      },
    ],
    ['no reply in time', () => undefined],
    [
      'a reply that drips',
      (_, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('.'), 20);
        response.on('close', () => clearInterval(drip));
      },
    ],
    ['something that is not HTTP', (request) => request.socket.end('SSH-2.0-OpenSSH\r\n')],
  ])('is sent again, the same bytes under the same id, after %s', async (_, fault) => {
    const receiver = await receiving(fault, ok);
    const { callbacks, outcomes } = await start(receiver.port, { signing: { secret: whsec }, timeout: 300 });
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
    ['an untrusted certificate', async () => (await startTlsReceiver()).url],
    ['a port that nobody listens on', async () => `http://127.0.0.1:${await freePort()}`],
    ['a host name that cannot be resolved', async () => `http://${'a'.repeat(64)}.example`],
  ])('is given up when the schedule ends: %s', async (_, urlOf) => {
    const url = await urlOf();
    const port = Number(new URL(url).port || 80);
    const { callbacks, outcomes } = await start(port);
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
    expect(await callbacks.stats()).toEqual({ queued: 0, inFlight: 0, delivered: 0, failed: 1 });
  });

  it('is not sent earlier than the receiver asks', async () => {
    const receiver = await receiving(
      replying(503, { 'retry-after': '1' }),
      replying(503, { 'retry-after': 'soon' }),
      ok,
    );
    const { callbacks, outcomes } = await start(receiver.port);
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(outcomes.told).toHaveLength(3));
    const waits = outcomes.told.map(([, told]) =>
      'nextAttemptAt' in told ? told.nextAttemptAt!.getTime() - Date.now() : undefined,
    );
    const [first, second] = outcomes.told as [Told, Told];
    const firstWait = (first[1] as CallbackAttemptFailed).nextAttemptAt!;
    const secondWait = (second[1] as CallbackAttemptFailed).nextAttemptAt!;
    expect(waits).toHaveLength(3);
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
  ])('has failed, and says why, where a function that gives secrets %s', async (_, secret) => {
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port, { signing: { secret }, retry: { schedule: [] } });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.failed()).toHaveLength(1));
    expect((await callbacks.failed())[0]!.error).toMatch(
      /^The function `signing.secret` gave no secret. Fix: |^A value of type object was thrown$/,
    );
  });

  it('is sent again after a function that gives secrets has hung', async () => {
    const receiver = await receiving(ok);
    const secrets = [() => new Promise<string>(() => undefined), () => whsec];
    const signing = { secret: () => secrets.shift()!() };
    const { callbacks, outcomes } = await start(receiver.port, { signing, timeout: 100 });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'delivered']));
  });
});

it('counts a reply that breaks the contract as delivered, and reports it', async () => {
  const receiver = await receiving((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"ok":"yes"}'),
  );
  const { callbacks, outcomes } = await start(receiver.port);
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  await eventually(() => expect(outcomes.told).toHaveLength(1));
  const [[name, told]] = outcomes.told as [['delivered', CallbackDelivered]];
  expect(name).toBe('delivered');
  expect(told.body).toBeUndefined();
  expect(told.replyError).toBeInstanceOf(CallbackReplyError);
  expect(lines.lines.join('\n')).toContain('is not what it documents: ok: ');
  expect(await callbacks.stats()).toMatchObject({ delivered: 1, failed: 0 });
  expect(receiver.requests).toHaveLength(1);
});

describe('a reply that cannot be checked', () => {
  @CallbackController('{$request.query.callback_url}')
  class CheckedCallbacks {
    @Post('hangs')
    @ApiOkResponse({ standardSchema: z.object({ ok: z.boolean() }).refine(() => new Promise(() => undefined)) })
    hangs() {}
    @Post('strict')
    @ApiOkResponse({ standardSchema: z.strictObject({ ok: z.boolean() }) })
    strict() {}
  }

  it('in time is reported, and its callback is delivered', async () => {
    const receiver = await receiving(ok);
    const { callbacks, outcomes } = await start(receiver.port, { timeout: 200 });
    await callbacks.enqueue(CheckedCallbacks, { hangs: `${receiver.url}/` }).hangs();
    await eventually(() => expect(outcomes.told).toHaveLength(1));
    expect(outcomes.told[0]).toEqual(['delivered', expect.objectContaining({ body: undefined })]);
    expect((outcomes.told[0]![1] as CallbackDelivered).replyError!.message).toContain(
      'its check had not ended after 200 ms',
    );
  });

  it('and holds line breaks does not break a line of the log', async () => {
    const receiver = await receiving((_, response) =>
      response.setHeader('content-type', 'application/json').end('{"ok":true,"a\\nERROR":1}'),
    );
    const { callbacks } = await start(receiver.port);
    await callbacks.enqueue(CheckedCallbacks, { strict: `${receiver.url}/` }).strict();
    await eventually(() => expect(lines.lines.join(' ')).toContain('is not what it documents'));
    expect(lines.lines.filter((line) => line.includes('\n'))).toEqual([]);
    expect(lines.lines.join(' ')).toContain('a\\u000aERROR');
  });
});

it('has as long for an attempt as it is given, however long that is', async () => {
  const receiver = await receiving((request, response) => setTimeout(() => ok(request, response), 50));
  const { callbacks, outcomes } = await start(receiver.port, { timeout: 2 ** 31 - 1 });
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  await eventually(() => expect(outcomes.told.map(([name]) => name)).toEqual(['delivered']));
});

describe('a callback that failed for good', () => {
  it('is listed, and sent again when it is asked for', async () => {
    const receiver = await receiving(replying(500), replying(500), replying(500), ok);
    const { callbacks, outcomes } = await start(receiver.port);
    const result = await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver), { key: 'a' }).invoiceNotification(event);
    const id = 'id' in result ? result.id : '';
    await eventually(async () => expect(await callbacks.failed()).toHaveLength(1));
    expect(await callbacks.failed()).toEqual([
      {
        id,
        callback: 'InvoiceCallbacks.invoiceNotification',
        key: 'a',
        url: `${receiver.url}/invoices/2expen51ve`,
        attempts: 3,
        error: `POST to ${receiver.url} failed: the receiver replied 500.`,
        failedAt: expect.any(Date),
      },
    ]);
    expect(await callbacks.failed({ offset: 1 })).toEqual([]);
    expect(await callbacks.retry(id)).toEqual({ status: 'queued', id });
    await eventually(() => expect(outcomes.told.at(-1)![0]).toBe('delivered'));
    expect(outcomes.told.at(-1)![1]).toMatchObject({ id, attempt: 1 });
    expect(receiver.requests).toHaveLength(4);
    await eventually(async () => expect(await callbacks.failed()).toEqual([]));
  });

  it('has to be one: others are not sent again', async () => {
    const { callbacks } = await start(undefined);
    await expect(callbacks.retry('msg_nobody')).rejects.toThrow(
      'There is no failed delivery msg_nobody. Fix: take an id that failed() lists.',
    );
    await expect(callbacks.retry('a\nb')).rejects.toThrow(
      'There is no failed delivery of such an id. Fix: take an id that failed() lists.',
    );
    await expect(callbacks.failed({ limit: -1 })).rejects.toThrow('The `limit` of failed() has to be a whole number');
  });
});

describe('@OnCallback()', () => {
  it('listeners that throw, reject or hang are logged, and change nothing', async () => {
    @Injectable()
    class Careless {
      @OnCallback('delivered')
      throws() {
        throw new Error('I have no time for this.');
      }
      @OnCallback('delivered')
      async rejects() {
        throw new Error('Nor have I.');
      }
      @OnCallback('delivered')
      hangs() {
        return new Promise(() => undefined);
      }
    }
    const receiver = await receiving(ok);
    const metadata = { controllers: [InvoicesController], providers: [Outcomes, Careless] };
    const { callbacks, outcomes } = await start(receiver.port, { timeout: 200 }, metadata);
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
    expect(outcomes.told).toHaveLength(1);
    expect(receiver.requests).toHaveLength(1);
    const log = lines.lines.join('\n');
    expect(log).toContain('Careless.throws threw when it was told that');
    expect(log).toContain('Careless.rejects threw when it was told that');
    expect(log).toContain('no longer waiting for Outcomes.noteDelivery, Careless.throws');
  });

  it('listens in a controller too, on several events, and once where two tokens give one provider', async () => {
    const told: string[] = [];
    @Controller()
    class Hub {
      @OnCallback('attemptFailed')
      @OnCallback('failed')
      note({ id, error }: CallbackFailed) {
        told.push(`${id.slice(0, 4)} ${error.name}`);
      }
    }
    const receiver = await receiving(replying(410));
    const providers = [Outcomes, { provide: 'alias', useExisting: Outcomes }];
    const { callbacks, outcomes } = await start(receiver.port, {}, { controllers: [Hub], providers });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(told).toEqual(['msg_ CallbackDeliveryError', 'msg_ CallbackDeliveryError']));
    expect(outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'failed']);
  });

  it('leaves values alone that are no instance of a class, and getters', async () => {
    class Touchy {
      get note(): () => void {
        throw new Error('It was touched.');
      }
    }
    const bare = Object.create(Object.assign(Object.create(null), { note() {} }));
    const { callbacks } = await start(undefined, {}, { providers: [Touchy, { provide: 'bare', useValue: bare }] });
    expect(await callbacks.stats()).toMatchObject({ queued: 0 });
  });

  it('is refused where nobody would call it', () => {
    expect(() => {
      class Static {
        @OnCallback('delivered')
        static note() {}
      }
      return Static;
    }).toThrow("@OnCallback('delivered') belongs on a method that has a name and is not static, and note is none.");
  });

  it('in a provider that is made wherever it is injected is an error when the app starts', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {
      @OnCallback('delivered')
      note() {}
    }
    await expect(start(undefined, {}, { providers: [Transient] })).rejects.toThrow(
      "Transient.note() has @OnCallback('delivered'), but its class is made anew wherever it is injected.",
    );
  });

  it('in a provider that is made for each request is an error when the app starts', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @OnCallback('delivered')
      note() {}
    }
    await expect(start(undefined, {}, { providers: [PerRequest] })).rejects.toThrow(
      "PerRequest.note() has @OnCallback('delivered'), but its class is made anew for each request.",
    );
  });
});

describe('the log', () => {
  it('has one line of each attempt, without what may be secret', async () => {
    const receiver = await receiving(replying(503), ok);
    const { callbacks } = await start(receiver.port);
    const urls = { invoiceNotification: `${receiver.url}/invoices/1?token=hunter2` };
    const result = await callbacks.enqueue(InvoiceCallbacks, urls).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
    const id = 'id' in result ? result.id : '';
    const host = `127.0.0.1:${receiver.port}`;
    const attempts = lines.lines
      .filter((line) => line.includes(id))
      .map((line) => line.replace(/duration=\d+/, 'duration=0'));
    const start0 = `id=${id} callback=InvoiceCallbacks.invoiceNotification host=${host} duration=0`;
    expect(attempts).toEqual([
      `[Callbacks] retry ${start0} attempt=1 status=503 error="POST to ${receiver.url} failed: the receiver replied 503."`,
      `[Callbacks] delivered ${start0} attempt=2 status=200`,
    ]);
    expect(lines.lines.join('\n')).not.toContain('hunter2');
  });

  it('has an object of each attempt where the logger writes JSON', async () => {
    const written: string[] = [];
    class JsonLines extends ConsoleLogger {
      protected override printAsJson(message: unknown, options: Parameters<ConsoleLogger['printAsJson']>[1]): void {
        written.push(JSON.stringify(this.getJsonLogObject(message, options)));
      }
    }
    lines = new JsonLines({ json: true }) as unknown as Lines;
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port);
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
    const attempt = written.map((line) => JSON.parse(line)).find(({ context }) => context === 'Callbacks');
    expect(attempt.message).toEqual({
      outcome: 'delivered',
      id: expect.any(String),
      callback: 'InvoiceCallbacks.invoiceNotification',
      host: `127.0.0.1:${receiver.port}`,
      duration: expect.any(Number),
      attempt: 1,
      status: 200,
    });
  });

  it('says at start-up, once, that the queue in memory is not durable', async () => {
    await start(undefined);
    expect(lines.lines.filter((line) => line.includes('in memory'))).toEqual([
      expect.stringContaining('those not delivered when the process ends are lost'),
    ]);
  });
});

describe('shutdown', () => {
  it('sends what is due, and drops what waits for its next attempt, by id', async () => {
    const receiver = await receiving(replying(503), (_, response) =>
      setTimeout(() => response.end('{"ok":true}'), 100),
    );
    const { app, callbacks, outcomes } = await start(receiver.port, { retry: { schedule: [60_000] } });
    const enqueue = () => callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    const waiting = await enqueue();
    await eventually(() => expect(outcomes.told).toHaveLength(1));
    for (let index = 0; index < 30; index++) await enqueue();
    await app.close();
    expect(outcomes.told.filter(([name]) => name === 'delivered')).toHaveLength(30);
    expect(lines.lines.filter((line) => line.includes('Dropped'))).toEqual([
      `[MemoryQueue] Dropped 1 of 1 deliveries that were in memory: ${'id' in waiting && waiting.id}`,
    ]);
  });
});

it('works on while another app, that was given its queue too, is closed', async () => {
  const receiver = await receiving(ok);
  const queue = memoryQueue();
  const { callbacks, outcomes } = await start(receiver.port, { queue });
  await expect(start(receiver.port, { queue })).rejects.toThrow('belongs to another app. Fix: give each its own.');
  await apps.pop()!.close();
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  await eventually(() => expect(outcomes.told).toHaveLength(1));
});

it('takes nothing after the app was closed', async () => {
  const { app, callbacks } = await start(undefined);
  await app.close();
  const urls = { invoiceNotification: 'https://www.external.org/' };
  await expect(callbacks.enqueue(InvoiceCallbacks, urls).invoiceNotification(event)).rejects.toThrow(
    'The queue in memory is closed. Fix: use it before the app has shut down.',
  );
});

it('sends nothing in a process that is told to send nothing', async () => {
  const receiver = await receiving(ok);
  const { callbacks } = await start(receiver.port, { concurrency: { total: 0 } });
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  expect(await callbacks.stats()).toEqual({ queued: 1, inFlight: 0, delivered: 0, failed: 0 });
});

it('goes on with the others while one receiver hangs', async () => {
  const dead = await receiving(() => undefined);
  const alive = await receiving(ok);
  const egress = { allow: ['127.0.0.1'], ports: [dead.port, alive.port], http: true };
  const { callbacks } = await start(undefined, { egress, concurrency: { total: 4, perHost: 2 }, timeout: 1_000 });
  for (let index = 0; index < 10; index++) {
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(dead)).invoiceNotification(event);
  }
  for (let index = 0; index < 50; index++) {
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(alive)).invoiceNotification(event);
  }
  await eventually(() => expect(alive.requests).toHaveLength(50));
  expect(dead.requests.length).toBeLessThanOrEqual(2);
});

it('refuses options that are none', async () => {
  const forgotten = { useFactory: () => undefined as unknown as CallbacksModuleOptions };
  @Module({ imports: [CallbacksModule.forRootAsync(forgotten)] })
  class ForgetfulModule {}
  await expect(NestFactory.create(ForgetfulModule, { abortOnError: false, logger: lines })).rejects.toThrow(
    'The options of CallbacksModule have to be an object.',
  );
});

it.each([
  [{ queue: {} }, 'The option `queue` of CallbacksModule has to be a queue, as sqliteQueue() and bullmqQueue() give.'],
  [{ retry: { schedule: ['5s'] } }, 'The option `retry` of CallbacksModule has to be an object whose `schedule` is'],
  [{ concurrency: { perHost: 0 } }, 'The option `concurrency` of CallbacksModule has to be an object whose `perHost`'],
])('refuses the options %j', (options, message) => {
  expect(() => CallbacksModule.forRoot(options as CallbacksModuleOptions)).toThrow(message);
});

async function startTlsReceiver(): Promise<Receiver> {
  const receiver = await startReceiver(ok, await createCertificate('127.0.0.1'));
  receivers.push(receiver);
  return receiver;
}

async function freePort(): Promise<number> {
  const receiver = await startReceiver();
  await receiver.close();
  return receiver.port;
}
