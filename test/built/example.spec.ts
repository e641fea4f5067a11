import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastapi from '../cases/fastapi-tutorial.json' with { type: 'json' };
import { eventually } from '../support/eventually.js';
import { startExample } from '../support/start-example.js';
import type { Example } from '../support/start-example.js';
import { findFaults } from '../support/validate-documents.js';

const run = promisify(execFile);
const post = (url: string, body?: unknown) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const json = async (response: Response): Promise<unknown> => response.json();

/** The commands that the example prints. */
const printedCommands = (example: Example) => example.output().match(/^ +curl .*$/gm) ?? [];
const callbackUrlOf = (example: Example) => /callback_url=(\S+?)'/.exec(example.output())![1]!;

describe('the example', () => {
  let folder: string;
  let database: string;
  let example: Example;
  let document: { paths: Record<string, Record<string, Record<string, unknown>>> };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'invoices-'));
    database = join(folder, 'invoices.db');
    example = await startExample({ database });
    document = (await json(await fetch(`${example.url}/docs-json`))) as typeof document;
  });
  afterAll(() => example.stop());

  it('documents the callback with the JSDoc of its method, in JSON and in YAML', async () => {
    const { callbacks } = document.paths['/invoices']!['post']!;
    expect(callbacks).toMatchObject(fastapi.callbacks);
    expect(callbacks).toMatchObject({
      invoiceNotification: {
        '{$request.query.callback_url}/invoices/{$request.body#/id}': {
          post: {
            summary: 'Sent once the customer has paid the invoice.',
            description: 'Reply with `{ "ok": true }` to confirm it.',
          },
        },
      },
    });
    const yaml = await (await fetch(`${example.url}/docs-yaml`)).text();
    expect(yaml).toContain("'{$request.query.callback_url}/invoices/{$request.body#/id}':");
  });

  it('serves a valid document', async () => {
    expect(await findFaults([document as never])).toBe('');
  });

  it('prints curl lines that play the whole story when they are pasted: create, pay, see it arrive', async () => {
    const commands = printedCommands(example);
    expect(commands).toHaveLength(3);
    const [create, pay, read] = commands.map((command) => async (): Promise<unknown> => {
      const { stdout } = await run('bash', ['-c', `${command} --silent`]);
      return JSON.parse(stdout);
    });
    const invoice = { id: expect.any(String), customer: 'Mr. Richie Rich', total: 9999 };
    const paid = { ...invoice, paid: true };
    expect(await create!()).toEqual({ ...invoice, paid: false });
    expect(await pay!()).toEqual({ ...paid, notification: { status: 'queued' } });
    const attempt = { attempt: 1, at: expect.any(String), duration: expect.any(Number), statusCode: 200 };
    await eventually(async () =>
      expect(await read!()).toEqual({
        id: expect.stringMatching(/^msg_/),
        url: expect.stringMatching(/\/events\/invoices\/\w+$/),
        state: 'delivered',
        attempts: 1,
        history: [{ ...attempt, reply: '{"ok":true}' }],
      }),
    );
    const stored = (await json(await fetch(`${example.url}/invoices`))) as unknown[];
    expect(stored).toContainEqual({ ...paid, notification: { status: 'delivered', reply: { ok: true } } });
    // The output of another process may arrive later.
    await eventually(() =>
      expect(example.receiver.output()).toMatch(/Received POST \/events\/invoices\/\w+ with a valid signature/),
    );
  });

  it('records a payment whose callback is not taken, and says why', async () => {
    const nowhere = `${callbackUrlOf(example)}-nowhere`;
    await post(`${example.url}/invoices?callback_url=${nowhere}`, { id: 'unheard', customer: 'Mrs. Poor', total: 1 });
    expect(await json(await post(`${example.url}/invoices/unheard/payment`))).toMatchObject({ paid: true });
    await eventually(async () =>
      expect(await json(await fetch(`${example.url}/invoices/unheard`))).toMatchObject({
        notification: { status: 'queued', error: expect.stringContaining('the receiver replied 404') },
      }),
    );
    // The queue stores the attempt after the listener has been called.
    await eventually(async () =>
      expect(await json(await fetch(`${example.url}/invoices/unheard/callback`))).toMatchObject({
        state: 'queued',
        nextAttemptAt: expect.any(String),
        history: [{ statusCode: 404, error: expect.stringContaining('the receiver replied 404') }],
      }),
    );
  });

  it('delivers after a crash what was due before', async () => {
    const url = callbackUrlOf(example);
    await example.receiver.stop();
    await post(`${example.url}/invoices?callback_url=${url}`, { id: 'crashed', customer: 'Mrs. Poor', total: 1 });
    await post(`${example.url}/invoices/crashed/payment`);
    await example.stop('SIGKILL');
    example = await startExample({ database, receiverPort: new URL(url).port });
    await eventually(async () =>
      expect(await json(await fetch(`${example.url}/invoices/crashed`))).toMatchObject({
        notification: { status: 'delivered', reply: { ok: true } },
      }),
    );
  });

  it('creates, reads, lists and pays invoices, and keeps them over a restart', async () => {
    const invoices = `${example.url}/invoices`;
    const invoice = { id: 'a/1', title: 'Lunch', customer: 'Mrs. Poor', total: 3.5 };
    const created = await post(invoices, invoice);
    expect([created.status, await json(created)]).toEqual([201, { ...invoice, paid: false }]);
    expect(await json(await fetch(`${invoices}/a%2F1`))).toEqual({ ...invoice, paid: false });

    const paid = { ...invoice, paid: true, notification: { status: 'skipped' } };
    expect(await json(await post(`${invoices}/a%2F1/payment`))).toEqual(paid);
    await example.stop();
    example = await startExample({ database });

    expect(await json(await fetch(`${example.url}/invoices/a%2F1`))).toEqual(paid);
    expect(await json(await fetch(`${example.url}/invoices`))).toContainEqual(paid);
  });

  it('rejects wrong requests', async () => {
    const invoices = `${example.url}/invoices`;
    const invoice = { id: 'twice', customer: 'Mrs. Poor', total: 1 };
    const statuses = [
      await post(invoices, invoice),
      await post(invoices, invoice),
      await post(invoices, { id: 'incomplete' }),
      await post(`${invoices}?callback_url=not-a-url`, { ...invoice, id: 'other' }),
      await post(`${invoices}?callback_url=http://169.254.169.254/latest`, { ...invoice, id: 'other' }),
      await post(`${invoices}?callback_url=http://127.0.0.1:1/events`, { ...invoice, id: 'other' }),
      await fetch(`${invoices}/other`),
      await fetch(`${invoices}/other/callback`),
      await fetch(`${invoices}/twice/callback`),
      await post(`${invoices}/other/payment`),
      await post(`${invoices}/twice/payment`),
      await post(`${invoices}/twice/payment`),
    ].map(({ status }) => status);
    expect(statuses).toEqual([201, 409, 400, 400, 400, 400, 404, 404, 404, 404, 201, 409]);
  });
});
