import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { checkQueue } from '../support/check-queue.js';

const newFile = async () => join(await mkdtemp(join(tmpdir(), 'sqlite-queue-')), 'callbacks.db');

checkQueue('the queue in a SQLite file', {
  storage: async () => {
    const file = await newFile();
    return () => sqliteQueue({ file });
  },
  durable: true,
});
