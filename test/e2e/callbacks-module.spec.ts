import { Agent } from 'node:https';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger, Module, Post, Query } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import axios from 'axios';
import {
  ApiCallback,
  CallbackController,
  Callbacks,
  CALLBACKS_OPTIONS,
  CallbacksModule,
  CallbackUrls,
  memoryQueue,
} from 'nestjs-callbacks';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeAll, closing } from '../support/closing.js';
import { closeApps, createApp } from '../support/create-app.js';
import { event, ok, receiving, urlsAt } from '../support/enqueueing.js';
import { InvoiceCallbacks } from '../support/invoices.js';

afterEach(async () => {
  jest.restoreAllMocks();
  await closeApps();
  await closeAll();
});

const WRONG = {
  timeout: 0,
  calbacks: [],
  egress: { allow: ['10.0.0.0/33', 'localhost'], port: [80], http: 'yes' },
  signing: { secret: undefined, secrets: ['hunter2'] },
  axios: axios.create({ httpsAgent: new Agent() }),
  retry: { schedule: '5s', jitter: 20 },
  concurrency: { total: -1, perHost: 0 },
  undeclaredProperties: 'drop',
  exceptionFactory: true,
  telemetry: { propagate: 'yes' },
};

const NAMED = [
  '10 options of CallbacksModule are wrong:\n\n1. ',
  '\n10. ',
  'The option `timeout` of CallbacksModule must be a number of milliseconds from 1 to 2147483647.',
  'CallbacksModule has no option `calbacks`. Its options: callbacks, webhooks, ',
  'The option `egress` of CallbacksModule must be an object whose `allow` contains only IP addresses and CIDR ranges ("10.0.0.0/8"), not "10.0.0.0/33", "localhost", and an object of allow, deny, hosts, ports, http, proxy, tls, resolver: it has no `port`, and an object whose `http` is true or false.',
  'The option `signing` of CallbacksModule must be an object whose `secret` is "whsec_"',
  ', and an object of secret: it has no `secrets`.',
  'The option `axios` of CallbacksModule must be an axios instance without `httpsAgent`: ',
  'The option `retry` of CallbacksModule must be an object whose `schedule` is an array of milliseconds from 0 to 604800000, and an object whose `jitter` is a number from 0 to 1.',
  'The option `concurrency` of CallbacksModule must be an object whose `total` is a whole number, at least 0, and an object whose `perHost` is a whole number, at least 1.',
  "The option `undeclaredProperties` of CallbacksModule must be 'remove', 'error' or 'send'.",
  'The option `exceptionFactory` of CallbacksModule must be a function that returns an exception.',
  'The option `telemetry` of CallbacksModule must be an object whose `propagate` is true or false.',
];

/** The message of the TypeError that it throws. */
function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('all options that are wrong', () => {
  it('of forRoot() are named at once, without secrets', () => {
    const message = messageOf(() => CallbacksModule.forRoot(WRONG as never));
    for (const text of NAMED) expect(message).toContain(text);
    expect(message).not.toContain('hunter2');
  });

  it('of forRootAsync() are named at once when the app starts', async () => {
    const imports = [CallbacksModule.forRootAsync({ useFactory: async () => WRONG as never })];
    await expect(createApp({ imports })).rejects.toThrow(NAMED[0]);
    await expect(createApp({ imports })).rejects.toThrow(TypeError);
  });

  const remember = { remember: -1, rememberFailed: '7d', keepBodies: 'yes', colour: 'red' };
  it.each([
    ['memoryQueue()', () => memoryQueue({ ...remember, capacity: 0 } as never), ['capacity']],
    ['sqliteQueue()', () => sqliteQueue({ ...remember } as never), ['file', 'database']],
    [
      'bullmqQueue()',
      () => bullmqQueue({ ...remember, connection: 7, name: 'a:b', prefix: '' } as never),
      ['connection', 'name', 'prefix'],
    ],
    [
      'postgresQueue()',
      () => postgresQueue({ ...remember, connection: 7, schema: 'a b', migrate: 'no' } as never),
      ['connection', 'schema', 'migrate'],
    ],
  ])('of %s are named at once', (owner, make, others) => {
    const message = messageOf(make);
    expect(message).toContain(`options of ${owner} are wrong:\n\n1. ${owner} has no option \`colour\`.`);
    for (const name of [...Object.keys(remember), ...others]) expect(message).toContain(`\`${name}\``);
  });
});

it('one option that is wrong is one sentence', () => {
  expect(messageOf(() => CallbacksModule.forRoot({ timeout: 0 }))).toBe(
    'The option `timeout` of CallbacksModule must be a number of milliseconds from 1 to 2147483647.',
  );
});

it.each<[options: unknown, message: string]>([
  [undefined, 'The options of CallbacksModule must be an object.'],
  [{ callbacks: 'InvoiceCallbacks' }, 'The option `callbacks` of CallbacksModule must be an array of classes'],
  [{ callbacks: ['InvoiceCallbacks'] }, 'The option `callbacks` of CallbacksModule must be an array of classes'],
  [
    { callbacks: [new InvoiceCallbacks()] },
    'with @CallbackController(), but contains an instance of InvoiceCallbacks. Fix: write InvoiceCallbacks instead of new InvoiceCallbacks().',
  ],
  [
    { webhooks: [undefined] },
    'with @WebhookController(), but contains undefined, most likely because two files import each other. Fix: move the class to a file that does not import the file with the options.',
  ],
  [{ maxReplyBytes: '1' }, 'The option `maxReplyBytes` of CallbacksModule must be a number of bytes'],
  [{ signing: { secret: 'short' } }, 'The option `signing` of CallbacksModule must be an object whose `secret`'],
  [{ axios: {} }, 'The option `axios` of CallbacksModule must be an axios instance'],
  [
    { queue: {} },
    'The option `queue` of CallbacksModule must be a queue, such as sqliteQueue(), bullmqQueue() or postgresQueue().',
  ],
])('the options %j are rejected by forRoot() and by forRootAsync()', async (options, message) => {
  if (options !== undefined) expect(() => CallbacksModule.forRoot(options as never)).toThrow(message);
  const imports = [CallbacksModule.forRootAsync({ useFactory: () => options as never })];
  await expect(createApp({ imports })).rejects.toThrow(message);
});

@Module({ imports: [CallbacksModule.forRoot({ timeout: 5_000 })] })
class BillingModule {}

it('an app that imports CallbacksModule.forRoot() twice does not start', async () => {
  await expect(createApp({ imports: [CallbacksModule.forRoot(), BillingModule] })).rejects.toThrow(
    'CallbacksModule.forRoot() is imported 2 times, each time with its own options. Fix: import it once, in the root module.',
  );
});

it('a test gives a whole app other options', async () => {
  const receiver = await receiving(ok);
  const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true };
  const testing = Test.createTestingModule({ imports: [BillingModule] });
  const module = await testing.overrideProvider(CALLBACKS_OPTIONS).useValue({ egress }).compile();
  const app = closing(module.createNestApplication());
  await app.init();
  const sent = await app.get(Callbacks).send(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  expect(sent).toMatchObject({ status: 'delivered', statusCode: 200 });
});

@CallbackController('{$request.query.callback_url}')
class Told {
  @Post() told() {}
}
@Controller('orders')
class Orders {
  @Post()
  @ApiCallback(Told)
  create(@Query('callback_url') url: string, @CallbackUrls(Told) urls: CallbackUrls<Told>) {
    return urls;
  }
}
const NOT_SET_UP = 'nestjs-callbacks is not set up. Fix: import CallbacksModule.forRoot() in the root module';

it('an app without CallbacksModule gets an error with the import', async () => {
  await expect(createApp({ controllers: [Orders] })).rejects.toThrow(NOT_SET_UP);
  await expect(createApp({ providers: [Callbacks] })).rejects.toThrow(NOT_SET_UP);
});

it('an app that imports it without forRoot() gets an error with the call', async () => {
  await expect(createApp({ imports: [CallbacksModule] })).rejects.toThrow(
    'CallbacksModule has no options. Fix: import CallbacksModule.forRoot() instead of CallbacksModule',
  );
});

it.each(['development', 'production'])(
  'a refused URL is logged with the whole option, unless in production: %s',
  async (mode) => {
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = mode;
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    try {
      const app = await createApp({ imports: [CallbacksModule.forRoot()], controllers: [Orders] });
      await app.listen(0, '127.0.0.1');
      const url = `${await app.getUrl()}/orders?callback_url=http://127.0.0.1:3001/events`;
      expect((await fetch(url, { method: 'POST' })).status).toBe(400);
      const lines = warn.mock.calls
        .map(([line]) => String(line))
        .filter((line) => line.includes('A callback URL was rejected'));
      expect(lines).toEqual(
        mode === 'production'
          ? []
          : [
              "A callback URL was rejected: the query parameter callback_url: its scheme is not https:. Fix: If 127.0.0.1:3001 is meant, set CallbacksModule.forRoot({ egress: { allow: ['127.0.0.1'], ports: [3001], http: true } }).",
            ],
      );
    } finally {
      process.env['NODE_ENV'] = before;
    }
  },
);
