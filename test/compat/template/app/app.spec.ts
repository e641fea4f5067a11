import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Callbacks } from 'nestjs-callbacks';
import { AppModule } from './app.module.js';
import { callBack } from './call-back.js';
import { createAdapter } from './create-adapter.js';
import { documentOf } from './document-of.js';
import { InvoiceCallbacks } from './invoice.callbacks.js';
import { startReceiver } from './start-receiver.js';
import type { Receiver } from './start-receiver.js';

describe('the invoices', () => {
  let receiver: Receiver;
  let app: INestApplication;

  beforeAll(async () => {
    receiver = await startReceiver();
    const module = await Test.createTestingModule({ imports: [AppModule.with({ egress: receiver.egress })] }).compile();
    app = module.createNestApplication(createAdapter(), { logger: false });
  });

  afterAll(async () => {
    await app.close();
    receiver.close();
  });

  it('document their callback', async () => {
    // The CLI plugin works in `nest build`, not in a test runner: missing declarations only cause warnings.
    const { callbacks } = await documentOf(app, { onProblem: 'warn' });
    expect(Object.keys(callbacks ?? {})).toEqual(['invoiceNotification']);
  });

  it('send their callback, and deliver it from the queue', async () => {
    const { statuses, replies, received } = await callBack(app, receiver);
    expect(statuses).toEqual(['delivered', 'queued']);
    expect(replies).toEqual([{ ok: true }, { ok: true }]);
    const arrived = { path: '/events/invoices/2expen51ve', body: '{"description":"Payment celebration","paid":true}' };
    expect(received).toEqual([arrived, arrived]);
  });

  it('send nothing that does not fit', async () => {
    const urls = { invoiceNotification: `http://127.0.0.1:${receiver.port}/events` };
    const event = { description: 'Paid', paid: 'perhaps' as never };
    const before = receiver.received.length;
    await expect(app.get(Callbacks).send(InvoiceCallbacks, urls).invoiceNotification(event)).rejects.toMatchObject({
      code: 'CALLBACK_CONTRACT',
      issues: [{ path: 'paid' }],
    });
    expect(receiver.received).toHaveLength(before);
  });
});
