import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { closeAll } from '../support/closing.js';
import { playNightCall } from '../support/night-call.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

let redis: RedisServer;
beforeAll(async () => void (redis = await startRedis()));
afterAll(() => redis.close());
afterEach(closeAll);

it('the night call of the guide, with the queue on Redis', async () => {
  expect(await playNightCall(bullmqQueue({ connection: redis.url }))).toHaveLength(8);
});
