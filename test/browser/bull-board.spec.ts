import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { openBrowser } from '../support/open-browser.js';
import { freePort, startExample } from '../support/start-example.js';
import type { Example } from '../support/start-example.js';

describe('Bull Board of the example', () => {
  let example: Example;
  let browser: Browser;
  let receiver: Server;
  /** What a receiver replies that is gone at first, and back later. */
  let status = 410;
  let callbackUrl: string;

  beforeAll(async () => {
    const port = await freePort();
    example = await startExample({ receiverPort: String(port) });
    await example.receiver.stop();
    receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"ok":true}');
    }).listen(port, '127.0.0.1');
    await once(receiver, 'listening');
    callbackUrl = `http://127.0.0.1:${port}/events?token=s3cret`;
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    receiver?.close();
    await example?.stop();
  });

  const post = (path: string, body: object) =>
    fetch(`${example.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  /** What has become of the callback of the invoice. */
  const outcome = async () =>
    (await fetch(`${example.url}/invoices/2expen51ve/callback`)).json() as Promise<{ state: string }>;

  it('sends a failed callback again at a click', async () => {
    const invoice = { id: '2expen51ve', customer: 'Mr. Richie Rich', total: 9999 };
    await post(`/invoices?callback_url=${encodeURIComponent(callbackUrl)}`, invoice);
    await post('/invoices/2expen51ve/payment', {});
    await eventually(async () => expect(await outcome()).toMatchObject({ state: 'failed' }));
    status = 200;
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${example.url}/admin/board/queue/callbacks?status=failed`);
    await page.getByText('InvoiceCallbacks.invoiceNotification').first().waitFor();
    await page.getByRole('tab', { name: 'Data' }).click();
    await page.getByText('Payment celebration').waitFor();
    expect(await page.content()).not.toContain('s3cret');
    // The picture of the documentation: UPDATE_SCREENSHOT=1 npm run jest -- browser/bull-board
    if (process.env['UPDATE_SCREENSHOT']) await page.screenshot({ path: 'docs/bull-board.png' });

    // The first one is "Retry all".
    await page.locator('button:has(svg.lucide-refresh-cw)').nth(1).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await eventually(async () => expect(await outcome()).toMatchObject({ state: 'delivered' }));
  });
});
