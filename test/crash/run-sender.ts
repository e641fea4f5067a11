import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The arguments of `sender.js`. */
export interface SenderOptions {
  readonly queue: 'sqlite' | 'bullmq' | 'postgres';
  /** Where the queue is: a file, or a URL. */
  readonly place: string;
  /** The URLs that are called in turn. */
  readonly receivers: readonly string[];
  /** The first enqueued number, and how many numbers are enqueued. */
  readonly from: number;
  readonly count: number;
  /** How long each of its enqueuers waits after each number, in ms. */
  readonly pause: number;
  /** How long an attempt may take, in ms. */
  readonly timeout: number;
  readonly perHost: number;
  /** Whether it writes all lines of its log to its standard error. */
  readonly isTalkative?: boolean;
}

/** What a process says of itself twice a second, where its garbage is collected first. */
export interface Memory {
  readonly heapUsed: number;
  readonly stats: { readonly queued: number; readonly failed: number };
}

export interface Sender {
  readonly process: ChildProcess;
  /** What it wrote to its standard error. */
  readonly errors: readonly string[];
  /** Ends it, and resolves once all of its output has been read. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Runs `sender.js` in a separate process. */
export function runSender(
  options: SenderOptions,
  accept: (number: number) => void,
  tellMemory?: (memory: Memory) => void,
): Sender {
  const flags = tellMemory ? ['--expose-gc'] : [];
  const child = spawn(process.execPath, [...flags, 'test/crash/sender.js', JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
  });
  const errors: string[] = [];
  createInterface(child.stdout!).on('line', (line) => accept(Number(line)));
  createInterface(child.stderr!).on('line', (line) => errors.push(line));
  if (tellMemory) child.on('message', (memory) => tellMemory(memory as Memory));
  return {
    process: child,
    errors,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
    },
  };
}
