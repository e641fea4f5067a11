import { afterEach, describe, it } from '@jest/globals';
import { memoryQueue } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { expectNoBorrowedContext } from '../support/borrowed-context.js';
import { closeAll } from '../support/closing.js';
import { newFile } from '../support/queue-work.js';

afterEach(closeAll);

describe('listeners, secrets, interceptors, loggers and resolvers run in the context of no request', () => {
  it('with the queue in memory', async () => {
    await expectNoBorrowedContext(memoryQueue());
  });

  it('with the queue in a SQLite file', async () => {
    await expectNoBorrowedContext(sqliteQueue({ file: await newFile() }));
  });
});
