import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Callbacks, CallbacksModule } from 'nestjs-callbacks';
import { closeApps, createApp } from '../support/create-app.js';
import { blocksOf, SECRET } from '../support/documentation.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { freePort } from '../support/start-example.js';

const EVENT = { description: 'Zoë 🎉', paid: true };

describe('the receiver in Python, as the guide shows it', () => {
  let receiver: ChildProcess;
  let port: number;
  let output = '';

  beforeAll(async () => {
    port = await freePort();
    const file = join(await mkdtemp(join(tmpdir(), 'python-')), 'receiver.py');
    await writeFile(file, blocksOf('docs/signing.md', 'python')[0]!);
    receiver = spawn('python3', [file], {
      env: { ...process.env, INVOICES_SECRET: SECRET, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    receiver.stdout!.on('data', (chunk) => (output += String(chunk)));
    // Until then the connection is refused.
    await eventually(async () => void (await post({})));
  });
  afterEach(closeApps);
  afterAll(() => void receiver.kill());

  const url = () => `http://127.0.0.1:${port}/events/invoices/a%2Fb`;

  function post(headers: Record<string, string>): Promise<Response> {
    return fetch(url(), { method: 'POST', headers, body: JSON.stringify(EVENT) });
  }

  async function send(secret?: string | string[]) {
    const egress = { allow: ['127.0.0.1'], ports: [port], http: true };
    const module = CallbacksModule.forRoot({ egress, ...(secret === undefined ? {} : { signing: { secret } }) });
    const callbacks = (await createApp({ imports: [module] })).get(Callbacks);
    return callbacks.send(InvoiceCallbacks, { invoiceNotification: url() }).invoiceNotification(EVENT);
  }

  it('takes what is signed with its secret, alone or beside another', async () => {
    const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    for (const secret of [SECRET, [other, SECRET]]) {
      expect(await send(secret)).toMatchObject({ status: 'delivered', statusCode: 200, body: { ok: true } });
    }
    const line = /^\/events\/invoices\/a%2Fb \{'description': 'Zoë 🎉', 'paid': True\}$/gm;
    // The output of another process may arrive later.
    await eventually(() => expect(output.match(line)).toHaveLength(2));
  });

  it('refuses what is not signed, and what is signed with another secret', async () => {
    const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    for (const secret of [undefined, other]) await expect(send(secret)).rejects.toMatchObject({ statusCode: 401 });
  });

  it.each([
    ['the example of the document, which is old', { 'webhook-timestamp': '1614265330' }],
    ['a timestamp that is not a number', { 'webhook-timestamp': 'now' }],
    [
      'a signature that is none',
      { 'webhook-timestamp': String(Math.floor(Date.now() / 1000)), 'webhook-signature': 'é' },
    ],
  ])('refuses %s', async (_, headers) => {
    const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
    const response = await post({ 'webhook-id': 'msg_1', 'webhook-signature': signature, ...headers });
    expect(response.status).toBe(401);
  });
});
