import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { CallbackQueue } from 'nestjs-callbacks';
import { postgresQueue, postgresQueueSchema } from 'nestjs-callbacks/postgres';
import type { PostgresQueueOptions } from 'nestjs-callbacks/postgres';
import pg from 'pg';
import { checkQueue } from '../support/check-queue.js';
import { notePrepared } from '../support/note-prepared.js';
import { newDelivery, until, workerOf } from '../support/queue-work.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';

let server: PostgresServer;
let places = 0;
const newPlace = () => `place_${++places}`;
const OPEN: CallbackQueue[] = [];

function open(options: Partial<PostgresQueueOptions> = {}): CallbackQueue {
  const queue = postgresQueue({ connection: server.url, schema: newPlace(), ...options });
  OPEN.push(queue);
  return queue;
}

/** It takes a delivery in and sends it. */
async function works(queue: CallbackQueue): Promise<void> {
  const worker = workerOf();
  const one = newDelivery();
  await queue.start(worker);
  await queue.add(one);
  await until('it is delivered', async () => (await queue.stats()).delivered === 1);
  expect(worker.ids).toEqual([one.id]);
  expect((await queue.delivery(one.id))?.history).toHaveLength(1);
}

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startPostgres();
});
afterEach(async () => {
  for (const queue of OPEN.splice(0)) {
    await queue.stop(0);
    await queue.close();
  }
});
afterAll(() => server.close());

checkQueue('the queue on Postgres', {
  storage() {
    const schema = newPlace();
    return () => postgresQueue({ connection: server.url, schema });
  },
  durable: true,
});

describe('the schema', () => {
  it.each(['read committed', 'repeatable read', 'serializable'])(
    'is created once, however many queues open at the same time, where transactions are %s',
    async (level) => {
      const [schema, database] = [newPlace(), level.replace(' ', '_')];
      const connection = await server.createDatabase(database);
      await server.query(`ALTER DATABASE ${database} SET default_transaction_isolation = '${level}'`);
      const queues = Array.from({ length: 5 }, () => open({ schema, connection }));
      await Promise.all(queues.map((queue) => queue.add(newDelivery())));
      expect((await queues[0]!.stats()).queued).toBe(5);
      const client = new pg.Client(connection);
      await client.connect();
      expect((await client.query(`SELECT version FROM ${schema}.layout`)).rows).toHaveLength(1);
      await client.end();
    },
  );

  it('is not created with `migrate: false`, and the SQL for it is given', async () => {
    const schema = newPlace();
    const queue = open({ schema, migrate: false });
    const expected = expect.objectContaining({
      code: 'CALLBACK_QUEUE',
      message: expect.stringMatching(/The schema place_\d+ .* Fix: run the SQL of postgresQueueSchema\(\)/),
    });
    await expect(queue.start(workerOf())).rejects.toEqual(expected);
    await expect(queue.add(newDelivery())).rejects.toEqual(expected);
    const role = `app_of_${schema}`;
    await server.query(`BEGIN; ${postgresQueueSchema({ schema })}; COMMIT`);
    await server.query(
      `CREATE ROLE ${role} LOGIN; GRANT USAGE ON SCHEMA ${schema} TO ${role};
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`,
    );
    // All that the app may do.
    await works(open({ schema, migrate: false, connection: server.url.replace('test@', `${role}@`) }));
  });

  it('says what to do if its role may not create it', async () => {
    await server.query('CREATE ROLE reader LOGIN');
    const queue = open({ connection: server.url.replace('test@', 'reader@') });
    await expect(queue.start(workerOf())).rejects.toThrow(/permission denied .* Fix: .*postgresQueueSchema\(\)/);
  });

  it.each([
    ['newer', 99, /has layout 99 of a newer nestjs-callbacks.* Fix: update nestjs-callbacks/],
    ['older', 0, /no tables of this version.* Fix: run the SQL/],
  ])('of a %s version stops a queue, and says what to do', async (_, version, message) => {
    const schema = newPlace();
    await open({ schema }).stats();
    await server.query(`UPDATE ${schema}.layout SET version = ${version}`);
    const queue = open({ schema, migrate: false });
    await expect(queue.start(workerOf())).rejects.toThrow(message);
    await expect(queue.add(newDelivery())).rejects.toThrow(message);
  });

  it('is not made in a database that cannot hold every character', async () => {
    const connection = await server.createDatabase('latin', `ENCODING 'LATIN1' TEMPLATE template0`);
    await expect(open({ connection }).start(workerOf())).rejects.toThrow(/has the encoding LATIN1.* Fix: /);
  });
});

describe('the connection', () => {
  it('may be one of PgBouncer, which forgets all between two transactions, and may have any search path', async () => {
    const statements: string[] = [];
    class ForgetfulClient extends pg.Client {
      // PgBouncer makes it up.
      get processID() {
        return 1;
      }
      set processID(_: number) {}
      // oxlint-disable-next-line typescript/no-explicit-any -- one of seven overloads
      override query(...args: any[]): any {
        // oxlint-disable-next-line typescript/no-explicit-any
        const query = (...all: any[]) => (super.query as any)(...all);
        statements.push(typeof args[0] === 'string' ? args[0] : args[0].text);
        expect(args[0].name).toBeUndefined();
        if (this.getTransactionStatus() !== 'I') return query(...args);
        return query('DISCARD ALL').then(() => query(...args));
      }
    }
    const connection = { connectionString: server.url, options: '-c search_path=nowhere', Client: ForgetfulClient };
    const queue = open({ connection, remember: 0 });
    await works(open({ connection }));
    await queue.add(newDelivery());
    await queue.stats();
    expect(statements.length).toBeGreaterThan(10);
    for (const one of statements)
      expect(one).not.toMatch(/\b(LISTEN|PREPARE|DECLARE)\b|pg_advisory_lock|(^|;)\s*SET (?!LOCAL)/);
  });

  it('prepares what adds deliveries once, if it is a direct one', async () => {
    const schema = newPlace();
    const queue = open({ schema, connection: { connectionString: server.url, max: 1 } });
    await queue.stats();
    const preparedStatements = await notePrepared(server, schema);
    for (let count = 0; count < 3; count++) await queue.add(newDelivery());
    await Promise.all(Array.from({ length: 20 }, () => queue.add(newDelivery())));
    const [one, many] = ['callbacks_insert_one', 'callbacks_insert'];
    expect(await preparedStatements()).toEqual([one, one, one, one, `${many},${one}`]);
    expect(await queue.stats()).toMatchObject({ queued: 23 });
  });

  it('may have forgotten what it prepared', async () => {
    const schema = newPlace();
    const queue = open({ schema, connection: { connectionString: server.url, max: 1 } });
    await queue.add(newDelivery());
    await server.query(
      `CREATE FUNCTION ${schema}.forget() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN EXECUTE 'DEALLOCATE ALL'; RETURN NULL; END $$;
       CREATE TRIGGER forget AFTER INSERT ON ${schema}.deliveries FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.forget()`,
    );
    for (let count = 0; count < 3; count++) await queue.add(newDelivery());
    await Promise.all(Array.from({ length: 20 }, () => queue.add(newDelivery())));
    expect(await queue.stats()).toMatchObject({ queued: 24 });
  });

  it('may be the pool of an app, which is left as it is', async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 1, application_name: 'the app' });
    const client = await pool.connect();
    // All that the pool has is in use.
    await works(open({ connection: pool }));
    client.release();
    expect((await pool.query('SHOW search_path')).rows).toEqual([{ search_path: '"$user", public' }]);
    await pool.end();
  });

  it('reads its rows as they are, however the app reads its own', async () => {
    const parsers = [16, 17, 20, 23].map((type) => [type, pg.types.getTypeParser(type)] as const);
    for (const [type] of parsers) pg.types.setTypeParser(type, (value) => ({ value }));
    try {
      const queue = open();
      await works(queue);
      expect(await queue.stats()).toMatchObject({ queued: 0, delivered: 1 });
    } finally {
      for (const [type, parser] of parsers) pg.types.setTypeParser(type, parser);
    }
  });

  it('may be one whose results are binary for the app', async () => {
    const connection = { connectionString: server.url, binary: true };
    await expect(works(open({ connection }))).resolves.toBeUndefined();
  });

  it('has no more connections than it may', async () => {
    const schema = newPlace();
    const queue = open({ schema, connection: { connectionString: server.url, max: 1, application_name: schema } });
    await queue.start(workerOf());
    await Promise.all(Array.from({ length: 50 }, () => queue.add(newDelivery())));
    await Promise.all(Array.from({ length: 20 }, () => queue.stats()));
    const sql = 'SELECT 1 FROM pg_stat_activity WHERE application_name = $1';
    expect(await server.query(sql, [schema])).toHaveLength(1);
  });

  it('keeps the password to itself', async () => {
    const queue = open({ connection: 'postgres://test:top-secret@127.0.0.1:1/app' });
    const error: unknown = await queue.add(newDelivery()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CALLBACK_QUEUE', message: expect.stringContaining('127.0.0.1:1/app') });
    for (const each of [queue, error])
      expect(inspect(each, { depth: 20, showHidden: true })).not.toContain('top-secret');
  });
});

it.each([
  ['connection', {}, 'must be a URL, options of pg, or a pool of pg'],
  ['connection', { connection: 'mysql://127.0.0.1/app' }, 'must be a URL such as postgres://'],
  ['schema', { connection: {}, schema: 'a"b' }, 'must be the name of a schema'],
  ['schema', { connection: {}, schema: 'pg_callbacks' }, 'must be the name of a schema'],
  ['migrate', { connection: {}, migrate: 'no' }, 'must be true or false'],
  ['remember', { connection: {}, remember: 0.5 }, 'must be a whole number of milliseconds'],
])('a wrong `%s` is refused: %j', (option, options, issue) => {
  // What JavaScript may pass.
  const wrong = options as unknown as PostgresQueueOptions;
  expect(() => postgresQueue(wrong)).toThrow(`The \`${option}\` of postgresQueue() ${issue}`);
});

it('gives a delivery back that it was about to take when it was stopped', async () => {
  const schema = newPlace();
  const [stopped, other] = [open({ schema }), open({ schema })];
  const [worker, another] = [workerOf(), workerOf()];
  await stopped.start(worker);
  // Postgres takes its time to lease a row, and says when it does.
  await server.query(
    `CREATE SEQUENCE ${schema}.leases;
     CREATE FUNCTION ${schema}.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN PERFORM nextval('${schema}.leases'), pg_sleep(0.5); RETURN NEW; END $$;
     CREATE TRIGGER dawdle BEFORE UPDATE ON ${schema}.deliveries FOR EACH ROW
     WHEN (NEW.state = 'leased') EXECUTE FUNCTION ${schema}.dawdle()`,
  );
  const one = newDelivery();
  await stopped.add(one);
  await until('it is about to be leased', async () => {
    const [leases] = await server.query<{ is_called: boolean }>(`SELECT is_called FROM ${schema}.leases`);
    return leases!.is_called;
  });
  await stopped.stop(5_000);
  await stopped.close();
  expect((await other.stats()).inFlight).toBe(0);
  await other.start(another);
  await until('it is delivered', async () => (await other.stats()).delivered === 1);
  expect([worker.ids, another.ids]).toEqual([[], [one.id]]);
});
