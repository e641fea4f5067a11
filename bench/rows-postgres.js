/**
 * Measures operations on a Postgres queue of many rows: one delivery, a page, the counts. `BENCH_ROWS` is the number of
 * rows, by default 1,000,000.
 */
import pg from 'pg';
// The build of this checkout.
import { postgresQueue } from '../libs/callbacks/dist/postgres/index.js';
import { measureQueue } from './rows-measure.js';
import { startPostgres } from './start-postgres.js';

const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000);
const A_FILL = 50_000;

// The same rows as those of rows.js.
const FILL = `
  INSERT INTO callbacks.deliveries
    (id, version, state, due, enqueued_at, updated_at, callback, host, receiver, key, digest, history, delivery, body)
  SELECT 'msg_' || lpad(n::text, 12, '0'), 1,
    CASE WHEN n % 10000 = 0 THEN 'cancelled' WHEN n % 100 < 60 THEN 'delivered' WHEN n % 100 < 90 THEN 'failed'
      WHEN n % 100 < 95 THEN 'waiting' ELSE 'ready' END,
    $3::bigint + CASE WHEN n % 100 BETWEEN 90 AND 94 THEN 3600000 ELSE 0 END, $3, $3,
    CASE n % 2 WHEN 1 THEN 'InvoiceCallbacks.paid' ELSE 'InvoiceCallbacks.sent' END,
    'host-' || n % 997 || '.example.org', 'https://host-' || n % 997 || '.example.org/' || n % 10,
    'invoice-' || n, 'a digest', '[{"attempt":1,"at":1,"duration":20,"statusCode":200}]',
    json_build_object('status', 'prepared', 'version', 1, 'id', 'msg_' || lpad(n::text, 12, '0'), 'callback',
      'InvoiceCallbacks.paid', 'receiver', 'https://host.example.org/', 'digest', 'a digest', 'request',
      json_build_object('method', 'POST', 'url', 'https://host-' || n % 997 || '.example.org/' || n % 10 || '/invoices',
        'headers', json_build_object()))::text,
    CASE WHEN n % 100 < 60 THEN NULL ELSE '{"description":"Payment celebration","paid":true}'::bytea END
  FROM generate_series($1::bigint, $2::bigint) AS made (n)`;

const server = await startPostgres();
try {
  const queue = postgresQueue({ connection: server.url });
  await queue.stats();
  const client = new pg.Client(server.url);
  await client.connect();
  const begin = performance.now();
  for (let n = 1; n <= ROWS; n += A_FILL) {
    await client.query(FILL, [n, Math.min(ROWS, n + A_FILL - 1), Date.now()]);
  }
  // autovacuum would do this after a while.
  await client.query('VACUUM ANALYZE callbacks.deliveries');
  const { rows } = await client.query(`SELECT pg_total_relation_size('callbacks.deliveries') / 1048576 AS size`);
  console.log(`${ROWS.toLocaleString('en')} rows, ${rows[0].size} MiB, in ${Math.round(performance.now() - begin)} ms`);
  await client.end();
  await measureQueue(queue, ROWS);
  await queue.close();
} finally {
  await server.stop();
}
