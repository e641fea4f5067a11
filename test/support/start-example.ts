import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One of the built apps of the example, in a separate process. */
interface RunningApp {
  /** All that it has printed so far. */
  output(): string;
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** The example as `npm start` runs it: the invoices API and the receiver, on free ports of loopback. */
export interface Example extends RunningApp {
  /** Where the invoices API listens. */
  readonly url: string;
  readonly receiver: RunningApp;
}

/** Where the example runs, where a test says so. */
interface ExampleOptions {
  readonly database?: string;
  readonly receiverPort?: string;
  readonly redisUrl?: string;
}

/** Starts the built example and waits until both apps say that they listen. */
export async function startExample({ database, receiverPort, redisUrl }: ExampleOptions = {}): Promise<Example> {
  const environment = {
    PORT: '0',
    RECEIVER_PORT: receiverPort ?? String(await freePort()),
    DATABASE: database ?? join(await mkdtemp(join(tmpdir(), 'invoices-')), 'invoices.db'),
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  const receiver = await startApp('receiver', environment, 'listens on');
  const invoices = await startApp('invoices', environment, "curl 'http");
  const stop: RunningApp['stop'] = async (signal) =>
    void (await Promise.all([invoices.stop(signal), receiver.stop(signal)]));
  return { url: /listens on (\S+)/.exec(invoices.output())![1]!, output: invoices.output, stop, receiver };
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startApp(name: string, environment: Record<string, string>, ready: string): Promise<RunningApp> {
  const child = spawn(process.execPath, [`dist/apps/${name}/main.js`], {
    env: { ...process.env, ...environment, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error(`${name} is not ready after 60 s:\n${output}`)), 60_000);
    const read = (chunk: unknown) => {
      output += String(chunk);
      if (!output.includes(ready)) return;
      clearTimeout(giveUp);
      resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(giveUp);
      reject(new Error(`${name} ended with ${code}:\n${output}`));
    });
  });
  const stop: RunningApp['stop'] = async (signal = 'SIGTERM') => {
    child.kill(signal);
    await exited;
  };
  return { output: () => output, stop };
}
