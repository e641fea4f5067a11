import { afterEach, describe, expect, it } from '@jest/globals';
import { memoryQueue } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { runsInNoRequest } from '../support/runs-in-no-request.js';
import { closeAll } from '../support/closing.js';
import { newFile } from '../support/queue-work.js';

afterEach(closeAll);

describe('listeners, secrets, interceptors, loggers and resolvers run in the context of no request', () => {
  it('with the queue in memory', async () => {
    await expect(runsInNoRequest(memoryQueue())).resolves.toBeUndefined();
  });

  it('with the queue in a SQLite file', async () => {
    await expect(runsInNoRequest(sqliteQueue({ file: await newFile() }))).resolves.toBeUndefined();
  });
});
