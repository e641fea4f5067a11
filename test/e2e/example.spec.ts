import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastapi from '../cases/fastapi-tutorial.json' with { type: 'json' };
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

/** The command that the example prints, as a shell runs it. */
function printedCommand(example: Example): string {
  const line = example
    .output()
    .split('\n')
    .find((text) => text.trim().startsWith('curl'));
  if (line === undefined) throw new Error(`The example prints no curl line:\n${example.output()}`);
  return line;
}

describe('the example', () => {
  let folder: string;
  let database: string;
  let example: Example;
  let document: { paths: Record<string, Record<string, Record<string, unknown>>> };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'invoices-'));
    database = join(folder, 'invoices.db');
    example = await startExample(database);
    document = (await json(await fetch(`${example.url}/docs-json`))) as typeof document;
  }, 30_000);
  afterAll(() => example.stop());

  it('documents the callback with the JSDoc of its method, in JSON and in YAML', async () => {
    const { callbacks } = document.paths['/invoices']!['post']!;
    expect(callbacks).toMatchObject(fastapi.callbacks);
    expect(callbacks).toMatchObject({
      invoiceNotification: {
        '{$request.query.callback_url}/invoices/{$request.body#/id}': {
          post: {
            summary: 'Sent once the customer has paid the invoice.',
            description: 'Reply with `{ "ok": true }` to say that you have noted it.',
          },
        },
      },
    });
    const yaml = await (await fetch(`${example.url}/docs-yaml`)).text();
    expect(yaml).toContain("'{$request.query.callback_url}/invoices/{$request.body#/id}':");
  });

  it('serves a document that four validators find nothing wrong with, nor redocly by its own rules', async () => {
    expect(await findFaults([document as never])).toBe('');
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const { stderr } = await run('node_modules/.bin/redocly', ['lint', file], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(stderr).toContain('Your API description is valid');
  }, 30_000);

  it('prints a curl line that works when it is pasted', async () => {
    const { stdout } = await run('bash', ['-c', `${printedCommand(example)} --silent`]);
    expect(JSON.parse(stdout)).toMatchObject({ customer: 'Mr. Richie Rich', total: 9999, paid: false });
  });

  it('creates, reads, lists and pays invoices, and keeps them over a restart', async () => {
    const invoices = `${example.url}/invoices`;
    const invoice = { id: 'a/1', title: 'Lunch', customer: 'Mrs. Poor', total: 3.5 };
    const created = await post(`${invoices}?callback_url=https://www.external.org/events`, invoice);
    expect([created.status, await json(created)]).toEqual([201, { ...invoice, paid: false }]);
    expect(await json(await fetch(`${invoices}/a%2F1`))).toEqual({ ...invoice, paid: false });

    expect(await json(await post(`${invoices}/a%2F1/payment`))).toEqual({ ...invoice, paid: true });
    await example.stop();
    example = await startExample(database);

    expect(await json(await fetch(`${example.url}/invoices/a%2F1`))).toEqual({ ...invoice, paid: true });
    expect(await json(await fetch(`${example.url}/invoices`))).toContainEqual({ ...invoice, paid: true });
  }, 30_000);

  it('refuses what is wrong', async () => {
    const invoices = `${example.url}/invoices`;
    const invoice = { id: 'twice', customer: 'Mrs. Poor', total: 1 };
    const statuses = [
      await post(invoices, invoice),
      await post(invoices, invoice),
      await post(invoices, { id: 'incomplete' }),
      await post(`${invoices}?callback_url=not-a-url`, { ...invoice, id: 'other' }),
      await fetch(`${invoices}/other`),
      await post(`${invoices}/other/payment`),
      await post(`${invoices}/twice/payment`),
      await post(`${invoices}/twice/payment`),
    ].map(({ status }) => status);
    expect(statuses).toEqual([201, 409, 400, 400, 404, 404, 201, 409]);
  });
});
