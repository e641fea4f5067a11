import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The example as `npm start` runs it, built, on a free port of loopback. */
export interface Example {
  readonly url: string;
  /** All that it has printed so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts the built example and waits until it says where it listens. */
export async function startExample(database?: string): Promise<Example> {
  const file = database ?? join(await mkdtemp(join(tmpdir(), 'invoices-')), 'invoices.db');
  const child = spawn(process.execPath, ['dist/apps/invoices/main.js'], {
    env: { ...process.env, PORT: '0', DATABASE: file, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  const url = await new Promise<string>((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error(`The example does not listen after 20 s:\n${output}`)), 20_000);
    child.stdout.on('data', () => {
      const listening = /listens on (\S+)[\s\S]*curl/.exec(output)?.[1];
      if (listening === undefined) return;
      clearTimeout(giveUp);
      resolve(listening);
    });
    child.once('exit', (code) => {
      clearTimeout(giveUp);
      reject(new Error(`The example ended with ${code}:\n${output}`));
    });
  });
  return { url, output: () => output, stop };
}
