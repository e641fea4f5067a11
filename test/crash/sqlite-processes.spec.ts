import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { newDelivery, newFile, until, workerOf } from '../support/queue-work.js';

const CHILDREN: ChildProcess[] = [];

/** Another process, with the built library. */
function start(file: string, task: 'work' | 'hang' | 'add') {
  const child = spawn(process.execPath, ['test/support/queue-process.js', file, task], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  CHILDREN.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    process: child,
    isStarted: () => output.includes('started'),
    attempted: () => Array.from(output.matchAll(/^attempted (.+)$/gm), ([, id]) => id),
  };
}

beforeAll(() => Logger.overrideLogger(false));
afterEach(async () => {
  for (const child of CHILDREN.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

describe('processes that share a SQLite file', () => {
  it('share its deliveries, and send none twice', async () => {
    const file = await newFile();
    const queue = sqliteQueue({ file });
    const workers = [start(file, 'work'), start(file, 'work')];
    await until('both are started', () => workers.every(({ isStarted }) => isStarted()));
    const all = Array.from({ length: 200 }, (_, index) => newDelivery(`host-${index % 7}.external.org`));
    await Promise.all(all.map((one) => queue.add(one)));
    await until('all are delivered', async () => (await queue.stats()).delivered === 200);
    const attempted = () => workers.map((worker) => worker.attempted());
    // Their output may arrive after what they have stored.
    await until('they have told of all', () => attempted().flat().length >= 200);
    expect(attempted().flat().toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    expect(attempted().every((ids) => ids.length > 0)).toBe(true);
    await queue.close();
  });

  it('repeat the attempts of a killed one', async () => {
    const file = await newFile();
    const queue = sqliteQueue({ file });
    const one = newDelivery();
    await queue.add(one);
    const killed = start(file, 'hang');
    await until('it is in flight', () => killed.attempted().length === 1);
    killed.process.kill('SIGKILL');
    await once(killed.process, 'exit');
    const worker = workerOf();
    await queue.start(worker);
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(worker.ids).toEqual([one.id]);
    await queue.stop(0);
    await queue.close();
  });

  it('find all that one has added which was killed right after', async () => {
    const file = await newFile();
    const killed = start(file, 'add');
    await once(killed.process, 'exit');
    expect(killed.process.signalCode).toBe('SIGKILL');
    const queue = sqliteQueue({ file });
    expect((await queue.stats()).queued).toBe(50);
    await queue.close();
  });
});
