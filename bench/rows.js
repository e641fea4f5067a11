/**
 * Measures operations on a SQLite queue of many rows: one delivery, a page, the counts, changes of many; and how long
 * they block the event loop, by the clock and by the CPU: only the clock includes other processes and the disk.
 * `BENCH_ROWS` is the number of rows, by default 1,000,000.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import Database from 'libsql';
// The build of this checkout.
import { Callbacks, CallbacksModule } from '../libs/callbacks/dist/index.js';
import { sqliteQueue } from '../libs/callbacks/dist/sqlite/index.js';
import { measure, measureQueue } from './rows-measure.js';

const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000);
const A_FILL = 20_000;

// Of a hundred: 60 delivered, 30 failed, 5 waiting, 5 ready; and one cancelled in ten thousand.
const FILL = `
  WITH RECURSIVE made (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM made WHERE n < ?2)
  INSERT INTO callback_deliveries
    (id, version, state, due, enqueued_at, updated_at, callback, host, receiver, key, digest, history, delivery, body)
  SELECT printf('msg_%012d', n), 1,
    CASE WHEN n % 10000 = 0 THEN 'cancelled' WHEN n % 100 < 60 THEN 'delivered' WHEN n % 100 < 90 THEN 'failed'
      WHEN n % 100 < 95 THEN 'waiting' ELSE 'ready' END,
    ?3 + iif(n % 100 BETWEEN 90 AND 94, 3600000, 0), ?3, ?3, iif(n % 2, 'InvoiceCallbacks.paid', 'InvoiceCallbacks.sent'),
    printf('host-%d.example.org', n % 997), printf('https://host-%d.example.org/%d', n % 997, n % 10),
    printf('invoice-%d', n), 'a digest', '[{"attempt":1,"at":1,"duration":20,"statusCode":200}]',
    json_object('status', 'prepared', 'version', 1, 'id', printf('msg_%012d', n), 'callback', 'InvoiceCallbacks.paid',
      'receiver', 'https://host.example.org/', 'digest', 'a digest', 'request', json_object('method', 'POST',
      'url', printf('https://host-%d.example.org/%d/invoices', n % 997, n % 10), 'headers', json_object())),
    iif(n % 100 < 60, NULL, '{"description":"Payment celebration","paid":true}')
  FROM made`;

const folder = await mkdtemp(join(tmpdir(), 'bench-rows-'));
try {
  const file = join(folder, 'callbacks.db');
  const queue = sqliteQueue({ file });
  await queue.stats();
  const database = new Database(file);
  database.exec('PRAGMA synchronous = OFF');
  const fill = database.prepare(FILL);
  const begin = performance.now();
  for (let n = 1; n <= ROWS; n += A_FILL) fill.run(n, Math.min(ROWS, n + A_FILL - 1), Date.now());
  // So that pending writes do not affect the measurement.
  database.exec('PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)');
  const { size } = await stat(file);
  console.log(
    `${ROWS.toLocaleString('en')} rows, ${Math.round(size / 2 ** 20)} MiB, in ${Math.round(performance.now() - begin)} ms`,
  );

  await measureQueue(queue, ROWS);
  await queue.close();

  const imports = [CallbacksModule.forRoot({ queue, concurrency: { total: 0 } })];
  const app = await NestFactory.createApplicationContext({ module: class AppModule {}, imports }, { logger: false });
  const callbacks = app.get(Callbacks);
  const host = 'host-7.example.org';
  await measure('retry({ host })', () => callbacks.retry({ host }), 1);
  await measure('cancel({ host })', () => callbacks.cancel({ host }), 1);
  await measure('forget({ host })', () => callbacks.forget({ host }), 1);
  await measure("retry({ state: 'failed' })", () => callbacks.retry({ state: 'failed' }), 1);
  database.exec("UPDATE callback_deliveries SET state = 'waiting' WHERE state = 'ready'");
  await measure('stats() where no process sends', () => callbacks.stats());
  await app.close();
  database.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}
