import { afterAll, beforeAll } from '@jest/globals';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { checkQueue } from '../support/check-queue.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

let redis: RedisServer;
let places = 0;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

checkQueue('the queue on Redis', {
  storage() {
    const name = `place-${++places}`;
    return () => bullmqQueue({ connection: redis.url, name });
  },
  durable: true,
});
