import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { runsInNoRequest } from '../support/runs-in-no-request.js';
import { closeAll } from '../support/closing.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
afterEach(closeAll);

it('listeners, secrets, interceptors, loggers and resolvers run in the context of no request, on Redis too', async () => {
  await expect(runsInNoRequest(bullmqQueue({ connection: redis.url }))).resolves.toBeUndefined();
});
