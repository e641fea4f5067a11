import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Post, Put, Query } from '@nestjs/common';
import { ApiProperty, SwaggerModule } from '@nestjs/swagger';
import { ApiCallback, CallbackController, receiverReplies } from 'nestjs-callbacks';
import type { Browser, Page } from 'playwright-core';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
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
    page = await browser.newPage({ viewport: { width: 1280, height: 2200 } });
  });
  afterAll(async () => {
    await browser?.close();
    await example?.stop();
  });

  it('shows the API that the external developer must implement under "Callbacks"', async () => {
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
  });

  it('links to the document of the receiver, where "Try it out" calls the receiver', async () => {
    // With a slash at its end too, as links to a folder have it.
    await page.goto(`${example.url}/docs/`);
    // Swagger UI opens the links of a description in a page of their own.
    const opened = page.context().waitForEvent('page');
    await page.getByRole('link', { name: 'The API that your server must implement' }).click();
    const receiverPage = await opened;
    await receiverPage.waitForURL(`${example.url}/docs/receiver`);
    await receiverPage.setViewportSize({ width: 1280, height: 2200 });
    const operation = receiverPage.locator('.opblock');
    await operation.locator('.opblock-summary-control').click();
    expect(await operation.locator('.opblock-summary-path').innerText()).toBe('/invoices/{id}');
    await operation.locator('.try-out__btn').click();
    await operation.locator('.execute').click();

    const live = operation.locator('.live-responses-table .response');
    expect(await live.locator('.response-col_status').innerText()).toContain('200');
    expect(JSON.parse(await live.locator('.highlight-code code').first().innerText())).toEqual({ ok: true });
    expect(example.receiver.output()).toContain('Received POST /rehearsal/invoices/2expen51ve');
    if (process.env['UPDATE_SCREENSHOT']) {
      await operation.screenshot({ path: 'docs/try-it-out.png' });
    }
  });
});

describe('Swagger UI of an app with a group and a shared callback', () => {
  class Event {
    @ApiProperty({ example: 'late' }) reason!: string;
  }
  @CallbackController({ url: '{$request.query.callback_url}', name: 'payments' })
  class Payments {
    @Post('paid') paid(@Body() event: Event): void {
      return receiverReplies(event);
    }
    @Put('paid') corrected(@Body() event: Event): void {
      return receiverReplies(event);
    }
    @Post('refunded') refunded(@Body() event: Event): void {
      return receiverReplies(event);
    }
  }
  @Controller('orders')
  class Orders {
    @Post() @ApiCallback(Payments) create(@Query('callback_url') url: string) {}
    @Post('import') @ApiCallback(Payments) import(@Query('callback_url') url: string) {}
  }

  it('shows all its URLs and methods under each operation that shares it', async () => {
    const app = await createApp({ controllers: [Orders] });
    const document = documentOf(app);
    expect(document.paths['/orders']?.post?.callbacks).toEqual({
      payments: { $ref: '#/components/callbacks/Payments.payments' },
    });
    SwaggerModule.setup('docs', app, document);
    await app.listen(0, '127.0.0.1');
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${await app.getUrl()}/docs`);
      for (const id of ['Orders_create', 'Orders_import']) {
        const operation = page.locator(`#operations-Orders-${id}`);
        await operation.locator('.opblock-summary-control').click();
        await operation.getByText('Callbacks', { exact: true }).click();
        const callbacks = operation.locator('.callbacks-container');
        expect(await callbacks.locator('h2').allInnerTexts()).toEqual(['payments']);
        const summaries = callbacks.locator('.opblock');
        expect(await summaries.locator('.opblock-summary-method').allInnerTexts()).toEqual(['POST', 'PUT', 'POST']);
        expect(await summaries.locator('.opblock-summary-path').allInnerTexts()).toEqual([
          '{$request.query.callback_url}/paid',
          '{$request.query.callback_url}/paid',
          '{$request.query.callback_url}/refunded',
        ]);
        // Swagger UI opens and closes an operation wherever its operationId is shown.
        const control = summaries.last().locator('.opblock-summary-control');
        if ((await control.getAttribute('aria-expanded')) === 'false') await control.click();
        const body = summaries.last().locator('.opblock-section-request-body code');
        expect(JSON.parse(await body.innerText())).toEqual({ reason: 'late' });
      }
    } finally {
      await browser.close();
      await closeApps();
    }
  });
});
