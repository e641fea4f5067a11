import { afterAll, beforeAll } from '@jest/globals';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import { checkQueue } from '../support/check-queue.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';

let server: PostgresServer;
let places = 0;
const newPlace = () => `place_${++places}`;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());

checkQueue('the queue on Postgres', {
  storage() {
    const schema = newPlace();
    return () => postgresQueue({ connection: server.url, schema });
  },
  durable: true,
});
