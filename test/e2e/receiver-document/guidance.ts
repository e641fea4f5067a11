import { describe, expect, it } from '@jest/globals';
import type { CallbacksModuleOptions } from 'nestjs-callbacks';
import { CallbacksModule } from 'nestjs-callbacks';
import { createApp, documentOf } from '../../support/create-app.js';
import { InvoicesController } from '../../support/invoices.js';
import { receive } from '../../support/receiver-documents.js';

describe('what a receiver must know', () => {
  async function descriptionOf(options: CallbacksModuleOptions): Promise<string> {
    const app = await createApp({ imports: [CallbacksModule.forRoot(options)], controllers: [InvoicesController] });
    const document = documentOf(app, { openapi: '3.1.0' });
    return receive(document, { info: { description: 'For shops.' } }).info.description!;
  }

  it('is that of this app: its timeout, its schedule, and how to verify its signatures', async () => {
    const secret = `whsec_${Buffer.alloc(32).toString('base64')}`;
    const retry = { schedule: [1_000, 60_000], jitter: 0 };
    const text = await descriptionOf({ timeout: 5_000, retry, signing: { secret } });
    expect(text).toMatch(/^For shops\.\n\n## What is sent\n/);
    expect(text).toContain('within 5 seconds');
    expect(text).toContain('up to 3 attempts in total. The waits between them are 1 second and 1 minute.');
    expect(text).toContain('## How to verify a signature');
    expect(text).not.toContain(secret);
  });

  it('is the defaults of the module, without signatures if nothing is signed', async () => {
    const text = await descriptionOf({});
    expect(text).toContain('within 15 seconds');
    expect(text).toContain(
      '5 seconds, 5 minutes, 30 minutes, 2 hours, 5 hours, 10 hours, 14 hours, 20 hours and 24 hours.',
    );
    expect(text).not.toContain('signature');
  });
});
