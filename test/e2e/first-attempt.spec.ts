import { afterEach, expect, it } from '@jest/globals';
import { closeAll } from '../support/closing.js';
import { event, receiving, start, urlsAt } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';

afterEach(closeAll);

// In a separate file, because axios and undici are loaded once.
it('the first attempt has its full time, however long the transport takes to load', async () => {
  const receiver = await receiving(() => undefined);
  const { callbacks, outcomes } = await start(receiver.port, { timeout: 50 });
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  await eventually(() =>
    expect(outcomes.told[0]).toMatchObject([
      'attemptFailed',
      { error: { message: expect.stringContaining('there was no reply within 50 ms') } },
    ]),
  );
});
