import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

it('a SQLite queue on a full disk rejects deliveries, loses none, and continues once there is space', async () => {
  // A user that is not root gets the namespace by a user namespace.
  const namespaces = process.getuid?.() === 0 ? '-m' : '-rm';
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)('unshare', [namespaces, 'bash', 'test/crash/full-disk.sh'], { env });
  const found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { acceptedUntilFull: number };
  process.stdout.write(`disk of 4 MB: ${JSON.stringify(found)}\n`);
  expect(found).toMatchObject({
    complaint: { code: 'CALLBACK_QUEUE', message: expect.stringContaining('the disk is full. Fix: free space on it.') },
    isTakenAgain: true,
    isAllSent: true,
    isAllNoted: true,
    sentTwice: 0,
  });
  expect(found.acceptedUntilFull).toBeGreaterThan(0);
}, 120_000);
