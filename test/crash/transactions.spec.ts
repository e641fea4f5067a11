import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import { until, workerOf } from '../support/queue-work.js';
import { startPostgres } from '../support/start-postgres.js';

const PROCESSES = 3;
const TRANSACTIONS = 5_000;

interface Outcomes {
  readonly committed: readonly string[];
  readonly rolledBack: readonly string[];
}

it(
  'what transactions of three processes commit on Postgres is sent, and what they roll back is not',
  async () => {
    const server = await startPostgres();
    const queue = postgresQueue({ connection: server.url });
    try {
      await server.query('CREATE TABLE invoices (number integer PRIMARY KEY)');
      // It also sends.
      const worker = workerOf(undefined, 50);
      await queue.start(worker);
      const each = Math.ceil(TRANSACTIONS / PROCESSES);
      const told = await Promise.all(
        Array.from({ length: PROCESSES }, async (_, index) => {
          const args = ['test/crash/transactor.js', server.url, String(index * each), String(each)];
          const { stdout } = await promisify(execFile)(process.execPath, args, {
            env: { ...process.env, NODE_OPTIONS: '' },
            maxBuffer: 10_000_000,
          });
          return JSON.parse(stdout) as Outcomes;
        }),
      );
      const committed = told.flatMap((outcomes) => outcomes.committed);
      await until('all are delivered', async () => (await queue.stats()).delivered >= committed.length);
      const rows = await server.query('SELECT 1 FROM invoices');
      const sent = new Set(worker.ids);
      const counts = {
        transactions: told.flatMap(({ committed: some, rolledBack }) => [...some, ...rolledBack]).length,
        committed: committed.length,
        lost: committed.filter((id) => !sent.has(id)).length,
        ghosts: [...sent].filter((id) => !committed.includes(id)).length,
      };
      process.stdout.write(`transactions: ${JSON.stringify(counts)}\n`);
      expect(counts.transactions).toBeGreaterThanOrEqual(TRANSACTIONS);
      expect(counts).toMatchObject({ committed: rows.length, lost: 0, ghosts: 0 });
      expect(worker.ids).toHaveLength(committed.length);
    } finally {
      await queue.stop(0);
      await queue.close();
      await server.close();
    }
  },
  10 * 60_000,
);
