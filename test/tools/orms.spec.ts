import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Callbacks, CallbackUrls, QueueTransaction } from 'nestjs-callbacks';
import * as transactions from 'nestjs-callbacks/postgres';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import { closeAll } from '../support/closing.js';
import { blocksOf } from '../support/documentation.js';
import { event, ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import type { Receiver } from '../support/start-receiver.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';

interface Payments {
  pay(id: string, urls: CallbackUrls<InvoiceCallbacks>): Promise<void>;
}

/** The classes of docs/storing-urls.md. */
interface StoredInvoices {
  save(id: string, urls: CallbackUrls<InvoiceCallbacks>): Promise<void>;
  urlsOf(id: string): Promise<CallbackUrls<InvoiceCallbacks>>;
}

interface OpenOrm {
  /** The file of docs/orms.md, and its class. */
  readonly file: string;
  readonly name: string;
  /** The arguments of the class, and an object that is not a transaction. */
  readonly handle: object;
  close(): Promise<void>;
}

type Load = (file: string) => Promise<Record<string, new (...parts: unknown[]) => Payments>>;
type OpenOrms = Record<string, (url: string, load: Load) => Promise<OpenOrm>>;

const TOOLS = resolve('test/tools');
const PAGE = `${TOOLS}/generated/orms`;
const LIBRARIES = [
  'pg',
  'TypeORM',
  'typeorm-transactional',
  'Prisma',
  'Drizzle',
  'Drizzle on postgres-js',
  'Kysely',
  'MikroORM',
];
/** What refuses a handle of the library that is not a transaction. */
const REFUSING: Record<string, string> = {
  pg: 'fromPg',
  TypeORM: 'fromTypeOrm',
  'typeorm-transactional': 'fromTypeOrm',
  Prisma: 'fromPrisma',
  Drizzle: 'fromDrizzle',
  'Drizzle on postgres-js': 'fromDrizzle',
  Kysely: 'fromKysely',
};

const run = promisify(execFile);
const load: Load = (file) => import(`${PAGE}/src/${file}.ts`);

let server: PostgresServer;
let callbacks: Callbacks;
let receiver: Receiver;
let orms: OpenOrms;

beforeAll(async () => {
  server = await startPostgres();
  await server.query('CREATE TABLE invoices (id text PRIMARY KEY, paid boolean NOT NULL)');
  await run(process.execPath, ['test/support/extract-examples.js', `${TOOLS}/generated`]);
  // The files of an earlier run were removed with those of other pages. Prisma refuses the folders that are left.
  await rm(`${PAGE}/src/generated`, { recursive: true, force: true });
  await run(process.execPath, [`${TOOLS}/node_modules/prisma/build/index.js`, 'generate'], {
    cwd: `${TOOLS}/orms`,
    // Nothing that Prisma would download is needed: it looks whether it is there all the same.
    env: { ...process.env, NODE_OPTIONS: '', PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  });
  receiver = await receiving(ok);
  ({ callbacks } = await start(receiver.port, { queue: postgresQueue({ connection: server.url }) }));
  // Its libraries are not there when the types are checked.
  ({ ORMS: orms } = (await import(`${TOOLS}/orms/open-orms.js`)) as { ORMS: OpenOrms });
}, 120_000);
afterAll(async () => {
  await closeAll();
  await server.close();
});

const pathOf = (id: string) => `/invoices/${encodeURIComponent(id)}`;
const urlsOf = (id: string) => ({ invoiceNotification: `${receiver.url}${pathOf(id)}` });
const requestsFor = (id: string) => receiver.requests.filter(({ url }) => url === pathOf(id));
const known = async (key: string) => (await callbacks.deliveries({ key })).deliveries;
const isPaid = async (id: string) =>
  (await server.query<{ paid: boolean }>('SELECT paid FROM invoices WHERE id = $1', [id]))[0]?.paid;

describe.each(LIBRARIES)('%s', (library) => {
  let orm: OpenOrm;
  let payments: Payments;
  const [unpaid, paid] = [`${library} unpaid`, `${library} paid`];

  beforeAll(async () => {
    await server.query('INSERT INTO invoices VALUES ($1, false), ($2, true)', [unpaid, paid]);
    orm = await orms[library]!(server.url, load);
    const Class = (await load(orm.file))[orm.name]!;
    payments = new Class(orm.handle, callbacks);
  });
  afterAll(() => orm.close());

  it('commits the callback with the payment, and it is sent once', async () => {
    await payments.pay(unpaid, urlsOf(unpaid));
    expect(await isPaid(unpaid)).toBe(true);
    await eventually(async () => expect(await known(`${unpaid}-paid`)).toMatchObject([{ state: 'delivered' }]));
    expect(requestsFor(unpaid)).toHaveLength(1);
  });

  it('rolls it back with the payment', async () => {
    await expect(payments.pay(paid, urlsOf(paid))).rejects.toThrow(`Invoice ${paid} is paid already.`);
    expect(await known(`${paid}-paid`)).toEqual([]);
    expect(requestsFor(paid)).toEqual([]);
  });

  it('commits nothing of a callback whose URL may not be called, and leaves the transaction to the app', async () => {
    const blocked = { invoiceNotification: 'https://10.0.0.5/' };
    await expect(payments.pay(paid, blocked)).rejects.toMatchObject({ code: 'CALLBACK_URL' });
    expect(await known(`${paid}-paid`)).toEqual([]);
  });

  it('refuses what is not an open transaction', async () => {
    const name = REFUSING[library];
    if (name === undefined) return expect(library).toBe('MikroORM');
    // Each function has the type of its library, but the called one is known only at run time.
    const from = Reflect.get(transactions, name) as (handle: unknown) => QueueTransaction;
    expect(() => from(orm.handle)).toThrow(new RegExp(`^${name}\\(\\) needs an open transaction\\. Fix: pass `));
    const { manager } = orm.handle as { manager?: unknown };
    if (manager) expect(() => from(manager)).toThrow(TypeError);
    const options = { transaction: orm.handle as QueueTransaction };
    expect(() => callbacks.enqueue(InvoiceCallbacks, urlsOf(paid), options)).toThrow(TypeError);
  });
});

describe('URLs that are stored', () => {
  const [create, rename, cleanUp] = blocksOf('docs/storing-urls.md', 'sql');

  beforeAll(() => server.query(create!));

  it.each([
    ['TypeORM', 'typeorm.invoices', 'TypeOrmInvoices'],
    ['Prisma', 'prisma.invoices', 'PrismaInvoices'],
    ['Drizzle', 'drizzle.invoices', 'DrizzleInvoices'],
  ])('by %s are called', async (library, file, name) => {
    const orm = await orms[library]!(server.url, load);
    // The classes of the page have the same methods.
    const Class = (await load(file))[name] as unknown as new (handle: object) => StoredInvoices;
    const invoices = new Class(orm.handle);
    const id = `stored by ${library}`;
    await invoices.save(id, urlsOf(id));
    await invoices.save(`${id}, without a URL`, {});
    const read = await invoices.urlsOf(id);
    expect(read).toEqual(urlsOf(id));
    await callbacks.send(InvoiceCallbacks, read).invoiceNotification(event);
    expect(requestsFor(id)).toHaveLength(1);
    const none = await invoices.urlsOf(`${id}, without a URL`);
    expect(await callbacks.send(InvoiceCallbacks, none).invoiceNotification(event)).toEqual({ status: 'skipped' });
    await orm.close();
  });

  it('are renamed by the statements of the page, however often they run', async () => {
    const insert = 'INSERT INTO stored_invoices VALUES ($1, $2)';
    await server.query(insert, ['old', { invoiceNotification: 'https://x.example/' }]);
    await server.query(insert, ['new', { invoicePaid: 'https://y.example/' }]);
    await server.query(insert, ['none', {}]);
    const stored = () =>
      server.query(`SELECT id, urls FROM stored_invoices WHERE id IN ('old', 'new', 'none') ORDER BY id`);
    for (let round = 0; round < 2; round++) await server.query(rename!);
    expect(await stored()).toEqual([
      { id: 'new', urls: { invoicePaid: 'https://y.example/' } },
      { id: 'none', urls: {} },
      { id: 'old', urls: { invoiceNotification: 'https://x.example/', invoicePaid: 'https://x.example/' } },
    ]);
    await server.query(cleanUp!);
    expect(await stored()).toContainEqual({ id: 'old', urls: { invoicePaid: 'https://x.example/' } });
  });
});

it('the code of both pages compiles with the types of the libraries', async () => {
  const tsconfig = {
    extends: resolve('tsconfig.json'),
    compilerOptions: {
      paths: {
        'nestjs-callbacks': [resolve('libs/callbacks/src/index.ts')],
        'nestjs-callbacks/*': [resolve('libs/callbacks/src/*/index.ts')],
      },
    },
    include: ['src'],
    exclude: [],
  };
  await writeFile(`${PAGE}/tsconfig.json`, JSON.stringify(tsconfig));
  const compiling = run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '--project', PAGE]);
  await expect(compiling.catch(({ stdout }: { stdout: string }) => ({ stdout }))).resolves.toMatchObject({
    stdout: '',
  });
}, 120_000);
