import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import { boardTests } from '../support/board-tests.js';
import { closeAll } from '../support/closing.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

let postgres: PostgresServer;
let redis: RedisServer;
let places = 0;

beforeAll(async () => {
  postgres = await startPostgres();
  redis = await startRedis();
});
afterEach(closeAll);
afterAll(async () => {
  await postgres.close();
  await redis.close();
});

describe('Bull Board on bullmqQueue()', () => {
  boardTests(async () => bullmqQueue({ connection: redis.url, name: `board-${++places}` }));
});

describe('Bull Board on postgresQueue()', () => {
  boardTests(async () => postgresQueue({ connection: postgres.url, schema: `board_${++places}` }));
});
