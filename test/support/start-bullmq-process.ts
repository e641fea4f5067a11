import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process with a queue on Redis, of the built package. */
export interface BullmqProcess {
  /** Waits for a line that it prints. */
  says(text: string): Promise<void>;
  kill(): Promise<void>;
  /** Waits until it ends by itself, and gives all that it has printed. */
  ends(): Promise<string>;
}

/** How long it has for each of them, in ms. */
const PATIENCE = 20_000;

export function startBullmqProcess(
  task: 'hang' | 'deliver' | 'abandon' | 'fail',
  connection: string,
  name: string,
): BullmqProcess {
  const child = spawn(process.execPath, ['test/support/bullmq-process.js', task, connection, name], {
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = once(child, 'exit');
  const closed = once(child, 'close');
  const wait = async (what: string, isSo: () => boolean) => {
    for (const end = Date.now() + PATIENCE; !isSo();) {
      if (Date.now() > end) {
        child.kill('SIGKILL');
        throw new Error(`Waited ${PATIENCE} ms, but this did not happen: the process ${what}:\n${output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return {
    says: (text) => wait(`says ${text}`, () => output.includes(text)),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async ends() {
      await wait('ends', () => child.exitCode !== null || child.signalCode !== null);
      // Its last output may arrive after its end.
      await closed;
      return output;
    },
  };
}
