import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { CallbackQueue } from 'nestjs-callbacks';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import pg from 'pg';
import { delivered, newDelivery, until, workerOf } from '../support/queue-work.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';
import { startSilentProxy } from '../support/start-silent-proxy.js';

let server: PostgresServer;
let places = 0;
const OPEN: CallbackQueue[] = [];
const CHILDREN: ChildProcess[] = [];
const LINES: string[] = [];

/** Each in its own database, since the processes use the default schema. */
async function newPlace(): Promise<string> {
  return server.createDatabase(`place_${++places}`);
}

function open(connection: string): CallbackQueue {
  const queue = postgresQueue({ connection });
  OPEN.push(queue);
  return queue;
}

beforeAll(async () => {
  const note = (line: unknown) => void LINES.push(String(line));
  Logger.overrideLogger({ log: note, warn: note, error: note });
  server = await startPostgres();
});
afterEach(async () => {
  LINES.length = 0;
  for (const queue of OPEN.splice(0)) {
    await queue.stop(0);
    await queue.close();
  }
  for (const child of CHILDREN.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(() => server.close());

describe('when Postgres', () => {
  it('is away, deliveries are refused, and held again once it is back, with nothing lost', async () => {
    const queue = open(await newPlace());
    const [before, meanwhile, after] = [newDelivery(), newDelivery(), newDelivery()];
    await queue.add(before);
    await server.stop();
    await expect(queue.add(meanwhile)).rejects.toMatchObject({
      code: 'CALLBACK_QUEUE',
      message: expect.stringMatching(
        /^Postgres at 127\.0\.0\.1:\d+\/place_\d+: .*\. Fix: make sure that Postgres runs there/,
      ),
    });
    await expect(open(server.url).start(workerOf())).rejects.toMatchObject({ code: 'CALLBACK_QUEUE' });
    await server.start();
    await queue.add(after);
    const worker = workerOf();
    await queue.start(worker);
    await until('both are delivered', async () => (await queue.stats()).delivered === 2);
    expect(worker.ids).toEqual([before.id, after.id]);
  });

  it('crashes and recovers, all that it holds is delivered, without a new start', async () => {
    const queue = open(await newPlace());
    const all = Array.from({ length: 100 }, () => newDelivery());
    const worker = workerOf(() => sleep(100, delivered()));
    await queue.start(worker);
    await Promise.all(all.map((one) => queue.add(one)));
    await until('some were attempted', () => worker.ids.length > 20);
    await server.stop('immediate');
    // A shorter outage may go unnoticed, because the queue waits for new connections.
    await until('the log tells of it', () => LINES.some((line) => line.includes('make sure that Postgres runs')));
    await server.start();
    await until('all are delivered', async () => (await queue.stats()).delivered === 100);
    expect(new Set(worker.ids)).toEqual(new Set(all.map(({ id }) => id)));
    const recoveries = () => LINES.filter((line) => line.includes('works again'));
    // The pass that ended the work may still be running.
    await until('the log says so', () => recoveries().length > 0);
    expect(recoveries()).toHaveLength(1);
  });

  it('is there and the connections are silent, they are opened anew', async () => {
    const place = await newPlace();
    const proxy = await startSilentProxy(server.port);
    const queue = open(place.replace(String(server.port), String(proxy.port)));
    const direct = open(place);
    const worker = workerOf();
    await queue.start(worker);
    // More than one connection is open.
    await Promise.all([queue.add(newDelivery()), ...Array.from({ length: 5 }, () => queue.stats())]);
    await until('it is delivered', async () => (await direct.stats()).delivered === 1);
    proxy.silence();
    const [other, own] = [newDelivery(), newDelivery()];
    await direct.add(other);
    await until('what another one has added is delivered', async () => (await direct.stats()).delivered === 2);
    await queue.add(own);
    await until('its own is delivered', async () => (await queue.stats()).delivered === 3);
    expect(worker.ids).toEqual(expect.arrayContaining([other.id, own.id]));
    await queue.stop(0);
    await queue.close();
    proxy.close();
  });

  it('takes too long to return many deliveries, they are sent a few at a time', async () => {
    const url = await newPlace();
    const queue = postgresQueue({ connection: { connectionString: url, query_timeout: 1_000 } });
    OPEN.push(queue);
    const all = Array.from({ length: 5 }, () => newDelivery());
    for (const one of all) await queue.add(one);
    const client = new pg.Client(url);
    await client.connect();
    // As large bodies do.
    await client.query(
      `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$;
       CREATE TRIGGER dawdle BEFORE UPDATE ON callbacks.deliveries FOR EACH ROW
       WHEN (NEW.state = 'leased') EXECUTE FUNCTION dawdle()`,
    );
    await client.end();
    const worker = workerOf();
    await queue.start(worker);
    // Those of the statement that took too long are leased to nobody for a while.
    await until('one is attempted', () => worker.ids.length > 0);
    await until('all are delivered', async () => (await queue.stats()).delivered === 5);
    expect(worker.ids.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
  });

  it('falls silent for good, a queue that is closed does not wait for it', async () => {
    const proxy = await startSilentProxy(server.port);
    const queue = open((await newPlace()).replace(String(server.port), String(proxy.port)));
    await queue.start(workerOf());
    await queue.add(newDelivery());
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    proxy.silence();
    await queue.stop(0);
    await expect(queue.close()).resolves.toBeUndefined();
    proxy.close();
  });
});

/** Another process, with the built library. */
function start(place: string, task: 'work' | 'hang' | 'add') {
  const child = spawn(process.execPath, ['test/support/queue-process.js', place, task], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  CHILDREN.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    process: child,
    isStarted: () => output.includes('started'),
    attempted: () => Array.from(output.matchAll(/^attempted (.+)$/gm), ([, id]) => id),
  };
}

describe('processes that share a schema', () => {
  it('share its deliveries, and send none twice', async () => {
    const place = await newPlace();
    const workers = [start(place, 'work'), start(place, 'work')];
    await until('both are started', () => workers.every(({ isStarted }) => isStarted()));
    const queue = open(place);
    const all = Array.from({ length: 200 }, (_, index) => newDelivery(`host-${index % 7}.external.org`));
    await Promise.all(all.map((one) => queue.add(one)));
    await until('all are delivered', async () => (await queue.stats()).delivered === 200);
    const attempted = () => workers.map((worker) => worker.attempted());
    // Their output may arrive after what they have stored.
    await until('they have told of all', () => attempted().flat().length >= 200);
    expect(attempted().flat().toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    expect(attempted().every((ids) => ids.length > 0)).toBe(true);
  });

  it('repeat the attempts of a killed one', async () => {
    const place = await newPlace();
    const queue = open(place);
    const one = newDelivery();
    await queue.add(one);
    const killed = start(place, 'hang');
    await until('it is in flight', () => killed.attempted().length === 1);
    killed.process.kill('SIGKILL');
    await once(killed.process, 'exit');
    const worker = workerOf();
    await queue.start(worker);
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(worker.ids).toEqual([one.id]);
  });

  it('find all that one has added which was killed right after', async () => {
    const place = await newPlace();
    const killed = start(place, 'add');
    await once(killed.process, 'exit');
    expect(killed.process.signalCode).toBe('SIGKILL');
    expect((await open(place).stats()).queued).toBe(50);
  });

  it('keep what they attempt for longer than a lease', async () => {
    const place = await newPlace();
    const [first, second] = [open(place), open(place)];
    const [slow, heir] = [workerOf(() => sleep(18_000, delivered())), workerOf()];
    await first.start(slow);
    await first.add(newDelivery());
    await until('it is in flight', () => slow.ids.length === 1);
    await second.start(heir);
    await sleep(16_000);
    await until('it is delivered', async () => (await second.stats()).delivered === 1);
    expect([slow.ids.length, heir.ids.length]).toEqual([1, 0]);
  });
});
