import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closeAll, closing } from '../support/closing.js';
import { ok, receiving, replying } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { startCollector, treeOf } from '../support/start-collector.js';

afterEach(closeAll);

describe('a delivery over two processes', () => {
  it('is one tree in a collector that both send their spans to', async () => {
    const collector = closing(await startCollector());
    const receiver = await receiving(replying(503), ok);
    const file = join(await mkdtemp(join(tmpdir(), 'traced-')), 'callbacks.db');
    const run = (task: string) => {
      const script = join(import.meta.dirname, '../support/traced-process.js');
      const child = spawn(process.execPath, [script, file, collector.url, receiver.url, task], {
        env: { ...process.env, NODE_OPTIONS: '' },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      return { child, exited: once(child, 'exit') };
    };
    expect(await run('enqueue').exited).toEqual([0, null]);
    const worker = run('work');
    await eventually(() => expect(receiver.requests).toHaveLength(2));
    worker.child.kill('SIGTERM');
    expect(await worker.exited).toEqual([0, null]);
    expect(treeOf(collector.spans)).toBe(
      [
        'POST /payments',
        '  enqueue InvoiceCallbacks.invoicePaid',
        '    ~ process InvoiceCallbacks.invoicePaid',
        '      POST 503',
        '    ~ process InvoiceCallbacks.invoicePaid',
        '      POST 200',
      ].join('\n'),
    );
  });
});
