import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

/** How many strangers there are, as a multiple. */
const SCALE = Number(process.env['LIVENESS_SCALE'] ?? 1);
const MINUTE = 60_000;

/** Runs a program of this folder with the built package, and returns its results. */
async function run(program: string, ...args: string[]): Promise<unknown> {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)(program, args, { cwd: 'test/liveness', env, timeout: 3 * MINUTE });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

it(
  'replies that flood take little memory, however they are chunked',
  async () => {
    const found = await run(process.execPath, '--expose-gc', 'flooded-replies.js', String(100 * SCALE));
    process.stdout.write(`liveness: ${JSON.stringify(found)}\n`);
    // Each used to hold 64 KiB for every byte: a gigabyte and more.
    const isLittle = { grewMegabytes: expect.any(Number), codes: ['CALLBACK_REPLY'] };
    expect(found).toEqual({ extensions: isLittle, oneByteChunks: isLittle });
    const grown = Object.values(found as Record<string, { grewMegabytes: number }>).map((each) => each.grewMegabytes);
    expect(Math.max(...grown)).toBeLessThan(128 * SCALE);
  },
  4 * MINUTE,
);

it(
  "names whose server is silent hold up neither the app's own look-ups nor other receivers",
  async () => {
    const names = 5 * SCALE;
    // A user that is not root gets the namespaces by a user namespace.
    const namespaces = process.getuid?.() === 0 ? '-mn' : '-rmn';
    const found = await run('unshare', namespaces, 'bash', 'silent-names.sh', String(names));
    process.stdout.write(`liveness: ${JSON.stringify(found)}\n`);
    // All of the others arrived while those were still in flight, one of each receiver.
    expect(found).toEqual({ isDone: true, delivered: 100, lookups: 100, inFlight: names, failed: 0 });
  },
  4 * MINUTE,
);

it(
  'a process without file descriptors uses up no attempt',
  async () => {
    const found = await run('bash', '-c', `ulimit -n 2048 && exec "${process.execPath}" no-descriptors.js`);
    process.stdout.write(`liveness: ${JSON.stringify(found)}\n`);
    expect(found).toEqual({ sent: 'machine', queued: 1, failed: 0, isDelivered: true, events: ['delivered 1'] });
  },
  4 * MINUTE,
);
