/**
 * A process that enqueues in transactions of an app, each with a row of the app's own, and rolls back every third of
 * them: `node transactor.js URL FIRST COUNT`. It says in JSON what it has committed and what not.
 */
import { digestOf } from '../../libs/callbacks/dist/delivery/callback-delivery.js';
import pg from 'pg';
import { postgresQueue } from '../../libs/callbacks/dist/postgres/index.js';

const [, , url, first, count] = process.argv;
const AT_ONCE = 5;
const queue = postgresQueue({ connection: url });
const pool = new pg.Pool({ connectionString: url, max: AT_ONCE });
const outcomes = { committed: [], rolledBack: [] };
let next = Number(first);
const end = next + Number(count);

async function transactInTurn() {
  while (next < end) {
    const number = next++;
    const client = await pool.connect();
    const transaction = { query: async (sql, values) => (await client.query(sql, values)).rows };
    const request = { method: 'POST', url: 'https://www.external.org/events', headers: {}, body: `${number}` };
    const delivery = {
      status: 'prepared',
      version: 1,
      callback: 'A.b',
      receiver: request.url,
      digest: digestOf(request),
      request,
    };
    await client.query('BEGIN');
    await client.query('INSERT INTO invoices (number) VALUES ($1)', [number]);
    await queue.add({ ...delivery, id: `msg_${number}` }, transaction);
    const isRolledBack = number % 3 === 0;
    await client.query(isRolledBack ? 'ROLLBACK' : 'COMMIT');
    client.release();
    (isRolledBack ? outcomes.rolledBack : outcomes.committed).push(`msg_${number}`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, transactInTurn));
await pool.end();
await queue.close();
process.stdout.write(JSON.stringify(outcomes));
