import { afterEach, expect, it } from '@jest/globals';
import { memoryQueue } from 'nestjs-callbacks';
import type { CallbackQueue } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeAll } from '../support/closing.js';
import { playNightCall } from '../support/night-call.js';
import { newFile } from '../support/queue-work.js';

afterEach(closeAll);

it.each<[string, () => Promise<CallbackQueue>]>([
  ['in memory', async () => memoryQueue()],
  ['in a SQLite file', async () => sqliteQueue({ file: await newFile() })],
])('the night call of the guide, with the queue %s', async (_, queueOf) => {
  const commands = await playNightCall(await queueOf());
  expect(commands).toHaveLength(8);
  if (process.env['SHOW_COMMANDS']) process.stdout.write(`${JSON.stringify(commands, undefined, 2)}\n`);
});
