import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/open-browser.js';
import { startExample } from '../support/start-example.js';
import type { Example } from '../support/start-example.js';

describe('Swagger UI of the example', () => {
  let example: Example;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    example = await startExample();
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 1500 } });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await example?.stop();
  });

  it('shows the API that the external developer has to implement under "Callbacks"', async () => {
    await page.goto(`${example.url}/docs`);
    const operation = page.locator('#operations-Invoices-InvoicesController_create');
    await operation.locator('.opblock-summary-control').click();
    await operation.getByText('Callbacks', { exact: true }).click();

    const callbacks = operation.locator('.callbacks-container');
    expect(await callbacks.locator('h2').allInnerTexts()).toEqual(['invoiceNotification']);
    const callback = callbacks.locator('.opblock');
    await callback.locator('.opblock-summary-control').click();

    const text = (selector: string) => callback.locator(selector).innerText();
    expect(await text('.opblock-summary-method')).toBe('POST');
    expect(await text('.opblock-summary-path')).toBe('{$request.query.callback_url}/invoices/{$request.body#/id}');
    expect(await text('.opblock-summary-description')).toBe('Sent once the customer has paid the invoice.');
    expect(JSON.parse(await text('.opblock-section-request-body code'))).toEqual({
      description: 'Payment celebration',
      paid: true,
    });
    const reply = callback.locator('.responses-table tbody tr');
    expect(await reply.getAttribute('data-code')).toBe('200');
    expect(JSON.parse(await reply.locator('pre code').innerText())).toEqual({ ok: true });

    // The picture of the README: UPDATE_SCREENSHOT=1 npm run jest -- --selectProjects browser
    if (process.env['UPDATE_SCREENSHOT']) {
      const top = (await operation.boundingBox())!;
      const bottom = (await callbacks.boundingBox())!;
      const clip = { ...top, height: bottom.y + bottom.height - top.y };
      await page.screenshot({ path: 'docs/callbacks-tab.png', clip });
    }
  }, 60_000);
});
