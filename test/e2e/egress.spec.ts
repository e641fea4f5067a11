import { afterEach, expect, it } from '@jest/globals';
import { closeAll, closing } from '../support/closing.js';
import { create, event, Lines, Outcomes, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks, InvoicesController } from '../support/invoices.js';
import { startConnectProxy } from '../support/start-connect-proxy.js';

afterEach(closeAll);

it('warns of ranges that are more than they look like, once, when the app starts', async () => {
  const logger = new Lines();
  const egress = { allow: ['10.1.2.3/8', '127.0.0.1'], deny: ['::/0'] };
  const app = closing(await create(undefined, { egress }, { controllers: [InvoicesController], logger }));
  const warnings = () => logger.lines.filter((line) => line.includes('The range '));
  expect(warnings()).toEqual([]);
  await app.init();
  expect(warnings()).toEqual([
    '[Callbacks] The range 10.1.2.3/8 of `egress.allow` is 10.0.0.0/8, which is more than that address.',
    '[Callbacks] The range ::/0 of `egress.deny` is every address of IPv6.',
  ]);
});

it('a request that a proxy refuses is attempted again, and no log, list or listener contains the password', async () => {
  const proxy = closing(await startConnectProxy(() => ({ status: 403 })));
  const logger = new Lines();
  const egress = { proxy: `http://user:SECRET@127.0.0.1:${proxy.port}` };
  const { callbacks, outcomes } = await start(undefined, { egress }, { providers: [Outcomes], logger });
  const urls = { invoiceNotification: 'https://hooks.example/' };
  await callbacks.enqueue(InvoiceCallbacks, urls).invoiceNotification(event);
  await eventually(() => expect(outcomes.told.map(([name]) => name)).toContain('failed'));
  await eventually(async () => expect(await callbacks.stats()).toMatchObject({ failed: 1 }));
  expect(proxy.asked).toHaveLength(3);
  const { deliveries } = await callbacks.deliveries();
  expect(deliveries).toMatchObject([{ error: expect.stringContaining('the proxy refused to connect (403)') }]);
  const printed = [...logger.lines, JSON.stringify(deliveries), JSON.stringify(outcomes.told)].join('\n');
  expect(printed).toContain('the proxy refused to connect (403)');
  expect(printed).not.toMatch(/SECRET|Basic/);
});
