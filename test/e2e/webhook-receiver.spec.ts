import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Post } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { receiverReplies, WebhookController } from 'nestjs-callbacks';
import type { SignedDelivery } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { Webhook } from 'standardwebhooks';
import { AccountWebhooks, InvoicePaid, paid, voided } from '../support/account-webhooks.js';
import { closeAll } from '../support/closing.js';
import { event, Outcomes, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';

afterEach(closeAll);

const post = (url: string, body: unknown) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('CallbackReceiver of a webhook class', () => {
  it('receives webhooks at any URL, and distinguishes those of one URL by their contents', async () => {
    await using receiver = await CallbackReceiver.listen(AccountWebhooks);
    receiver.replyWith('invoicePaid', { ok: true });
    const { callbacks } = await start(undefined, { egress: receiver.egress });
    for (const url of [receiver.url, `${receiver.url}/`, `${receiver.url}/hooks/rich?token=a`]) {
      const sent = await callbacks.send(AccountWebhooks, url).invoicePaid(paid);
      expect(sent).toMatchObject({ status: 'delivered', body: { ok: true } });
      await callbacks.send(AccountWebhooks, url).invoiceVoided(voided);
      await callbacks.send(AccountWebhooks, url).balanceChanged('rich', 'EUR', 7);
      const { args } = await receiver.next('invoicePaid');
      expect(args).toEqual([paid]);
      expect(args[0]).toBeInstanceOf(InvoicePaid);
      expect((await receiver.next('invoiceVoided')).args).toEqual([voided]);
      expect((await receiver.next('balanceChanged')).args).toEqual(['rich', 'EUR', 7]);
    }
    expect(receiver.refused()).toEqual([]);
  });

  it('rejects what matches none of them, and says why for each', async () => {
    await using receiver = await CallbackReceiver.listen(AccountWebhooks);
    const refused = await post(receiver.url, { type: 'invoice.lost', invoice: '2expen51ve' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      message:
        'The request does not match invoicePaid: type: type must be equal to invoice.paid. The request does not match invoiceVoided: type: type must be equal to invoice.voided.',
      issues: [{ path: 'type' }, { path: 'type' }],
    });
    const unknown = await fetch(receiver.url, { method: 'PATCH' });
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({
      message:
        'The request is not one of the webhooks of AccountWebhooks: POST invoicePaid, POST invoiceVoided, PUT balance.',
    });
  });

  it('cannot distinguish what matches several, unless `only` names one', async () => {
    class Told {
      @ApiProperty() type!: string;
    }
    @WebhookController()
    class Alike {
      @Post('one') one(@Body() given: Told): void {
        return receiverReplies(given);
      }
      @Post('other') other(@Body() given: Told): void {
        return receiverReplies(given);
      }
    }
    await using both = await CallbackReceiver.listen(Alike);
    const refused = await post(both.url, { type: 'other' });
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({
      message:
        "The request matches several callbacks with similar URLs: one, other. Fix: use one receiver for each, { only: ['one'] }.",
    });
    await using others = await CallbackReceiver.listen(Alike, { only: ['other'] });
    expect((await post(others.url, { type: 'other' })).status).toBe(201);
    expect(others.received('other')).toHaveLength(1);
  });

  it('scripts faults', async () => {
    await using receiver = await CallbackReceiver.listen(AccountWebhooks);
    receiver.failWith(503, { only: ['invoiceVoided'] });
    const { callbacks, outcomes } = await start(
      undefined,
      { egress: receiver.egress, retry: { schedule: [10] } },
      { providers: [Outcomes] },
    );
    await callbacks.enqueue(AccountWebhooks, receiver.url).invoiceVoided(voided);
    await eventually(() => expect(outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'delivered']));
    expect(receiver.received('invoiceVoided').map(({ statusCode }) => statusCode)).toEqual([503, 204]);
  });
});

describe('CallbackReceiver.egressOf()', () => {
  it('allows callbacks and webhooks to several receivers', async () => {
    await using first = await CallbackReceiver.listen(InvoiceCallbacks);
    await using second = await CallbackReceiver.listen(AccountWebhooks);
    await using third = await CallbackReceiver.listen(AccountWebhooks);
    first.replyWith('invoiceNotification', { ok: true });
    const { callbacks } = await start(undefined, { egress: CallbackReceiver.egressOf(first, second) });
    await callbacks
      .send(InvoiceCallbacks, { invoiceNotification: `${first.url}/invoices/1` })
      .invoiceNotification(event);
    await callbacks.send(AccountWebhooks, second.url).invoiceVoided(voided);
    expect(first.received('invoiceNotification')).toHaveLength(1);
    expect(second.received('invoiceVoided')).toHaveLength(1);
    const refused = callbacks.send(AccountWebhooks, third.url).invoiceVoided(voided);
    await expect(refused).rejects.toThrow(`port ${new URL(third.url).port} is not allowed`);
  });

  it('allows `http:` only if one of them needs it, and takes at least one', async () => {
    const secure = { egress: { allow: ['127.0.0.1'], ports: [1], http: false } };
    const plain = { egress: { allow: ['127.0.0.1'], ports: [2], http: true } };
    expect(CallbackReceiver.egressOf(secure)).toEqual(secure.egress);
    expect(CallbackReceiver.egressOf(secure, plain)).toEqual({ allow: ['127.0.0.1'], ports: [1, 2], http: true });
    expect(() => CallbackReceiver.egressOf()).toThrow(
      new TypeError('The arguments of egressOf() must be receivers. Fix: CallbackReceiver.egressOf(first, second).'),
    );
  });
});

it('a webhook to two accounts is signed by the secret of each, and each verifies its own only', async () => {
  const secrets: Record<string, string> = {
    rich: `whsec_${Buffer.alloc(32, 'r').toString('base64')}`,
    poor: `whsec_${Buffer.alloc(32, 'p').toString('base64')}`,
  };
  await using rich = await CallbackReceiver.listen(AccountWebhooks, { secret: secrets['rich']! });
  await using poor = await CallbackReceiver.listen(AccountWebhooks, { secret: secrets['poor']! });
  const asked: SignedDelivery[] = [];
  const { callbacks, outcomes } = await start(
    undefined,
    {
      egress: CallbackReceiver.egressOf(rich, poor),
      signing: {
        secret: (delivery) => {
          asked.push(delivery);
          return secrets[(delivery.context as { account: string }).account]!;
        },
      },
    },
    { providers: [Outcomes] },
  );
  for (const [account, receiver] of Object.entries({ rich, poor })) {
    const options = { key: 'voided-2expen51ve', context: { account } };
    await callbacks.enqueue(AccountWebhooks, `${receiver.url}/hooks`, options).invoiceVoided(voided);
    const { id, headers, rawBody } = await receiver.next('invoiceVoided');
    const signed = headers as Record<string, string>;
    expect(new Webhook(secrets[account]!).verify(rawBody, signed)).toEqual(voided);
    expect(asked.at(-1)).toMatchObject({ id, callback: 'AccountWebhooks.invoiceVoided', context: { account } });
    const stranger = account === 'rich' ? 'poor' : 'rich';
    expect(() => new Webhook(secrets[stranger]!).verify(rawBody, signed)).toThrow('No matching signature found');
  }
  await eventually(() => expect(outcomes.told.map(([name]) => name)).toEqual(['delivered', 'delivered']));
  const mixed = callbacks.send(AccountWebhooks, rich.url, { context: { account: 'poor' } }).invoiceVoided(voided);
  await expect(mixed).rejects.toMatchObject({ statusCode: 401 });
  expect(rich.refused().map(({ statusCode }) => statusCode)).toEqual([401]);
});
