import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Callbacks, CALLBACKS_OPTIONS } from 'nestjs-callbacks';
import type { EgressOptions } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { parse } from 'yaml';
import { blocksOf, PAGES, prepareExamples, SECRET } from '../support/documentation.js';
import { closeAll, closing } from '../support/closing.js';
import { Lines } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';

const PAGE = 'docs/deploying.md';
let server: PostgresServer;
let AppModule: Type;

beforeAll(async () => {
  server = await startPostgres();
  await prepareExamples();
  // What the page exports.
  ({ AppModule } = (await import(`${PAGES}/docs_deploying.md/src/app.module.ts`)) as { AppModule: Type });
});
afterEach(async () => {
  await closeAll();
  for (const name of ['NODE_ENV', 'DATABASE_URL', 'CALLBACKS_IN_FLIGHT', 'CALLBACKS_SECRET']) delete process.env[name];
});
afterAll(() => server.close());

/** The app of the page as a process with these variables has it; it may also call the receiver of the test. */
async function startApp(env: Record<string, string>, egress: EgressOptions = {}) {
  Object.assign(process.env, { NODE_ENV: 'production', CALLBACKS_SECRET: SECRET, ...env });
  const own = (await Test.createTestingModule({ imports: [AppModule] }).compile()).get<object>(CALLBACKS_OPTIONS);
  const testing = Test.createTestingModule({ imports: [AppModule] });
  const options = { ...own, egress };
  const module = await testing.overrideProvider(CALLBACKS_OPTIONS).useValue(options).setLogger(new Lines()).compile();
  return closing<INestApplication>(await module.createNestApplication().init());
}

describe('the module of both kinds of processes', () => {
  it('enqueues in the web process, and sends in the worker', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks, { secret: SECRET });
    receiver.replyWith('invoiceNotification', { ok: true });
    const env = { DATABASE_URL: server.url };
    const web = await startApp({ ...env, CALLBACKS_IN_FLIGHT: '0' }, receiver.egress);
    await web.listen(0, '127.0.0.1');
    const invoices = `${await web.getUrl()}/invoices`;
    const post = async (url: string, body: object = {}) => {
      const headers = { 'content-type': 'application/json' };
      return (await (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as object;
    };
    await post(`${invoices}?callback_url=${receiver.url}/events`, { id: '2expen51ve' });
    const { id } = (await post(`${invoices}/2expen51ve/payment`)) as { id: string };
    // An app that sends would send it now, and wait for that attempt.
    await web.close();
    expect(receiver.received('invoiceNotification')).toEqual([]);

    const worker = await startApp({ ...env, CALLBACKS_IN_FLIGHT: '200' }, receiver.egress);
    await receiver.next('invoiceNotification');
    await eventually(async () =>
      expect(await worker.get(Callbacks).delivery(id)).toMatchObject({ state: 'delivered' }),
    );
  });

  it.each([
    ['DATABASE_URL', { CALLBACKS_SECRET: SECRET }, 'The `connection` of postgresQueue() must be'],
    ['CALLBACKS_SECRET', { CALLBACKS_SECRET: '', DATABASE_URL: 'postgres://127.0.0.1/app' }, 'signing'],
  ])('does not start in production without %s, and says so', async (_, env, message) => {
    await expect(startApp(env)).rejects.toThrow(message);
  });
});

it('its YAML can be read, and the processes of its Kubernetes and Compose files are those of the page', () => {
  const text = JSON.stringify(blocksOf(PAGE, 'yaml').map((block) => parse(block, { merge: true }) as unknown));
  expect(text).toContain('"command":["node","dist/worker.js"]');
  expect(blocksOf(PAGE, 'dockerfile')[0]).toContain('CMD ["node", "dist/main.js"]');
  expect(blocksOf(PAGE, 'ts').map((block) => block.split('\n')[0])).toEqual(
    ['app.module', 'main', 'worker'].map((name) => `// src/${name}.ts`),
  );
});
