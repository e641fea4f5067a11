import { afterEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import { Webhook } from 'standardwebhooks';
import { Post } from '@nestjs/common';
import { CallbackController, receiverReplies } from 'nestjs-callbacks';
import type { SignedDelivery } from 'nestjs-callbacks';
import { closeAll } from '../support/closing.js';
import { event, ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { SECRET } from '../support/orders.js';

afterEach(closeAll);

@CallbackController('{$request.query.callback_url}')
class Base {
  @Post() told(): void {
    return receiverReplies();
  }
}

describe.each(['the client of the library', "the app's axios instance"])('one URL, sent by %s', (client) => {
  it.each([
    ['/a/%2e%2e/b', '/b'],
    ['/a/../b', '/b'],
    ['/a/.', '/a/'],
    ['', '/'],
    ['/größe?a=b c', '/gr%C3%B6%C3%9Fe?a=b%20c'],
    ["/a?b='c'", '/a?b=%27c%27'],
  ])(
    'that was stored with the path %j: is %s in what is prepared, signed, told, logged and sent',
    async (path, sent) => {
      const signed: SignedDelivery[] = [];
      const secret = (delivery: SignedDelivery) => (signed.push(delivery), SECRET);
      const receiver = await receiving(ok);
      const instance = client.startsWith('the app') ? { axios: axios.create() } : {};
      const { callbacks, outcomes, lines } = await start(receiver.port, { signing: { secret }, ...instance });
      const given = path.replace(' ', '%20');
      const stored = { invoiceNotification: `${receiver.url.replace('http', 'HTTP')}${given}` };
      const url = `${receiver.url}${sent}`;

      const query = { callback_url: stored.invoiceNotification };
      expect(callbacks.urls(Base, { request: { query } })).toEqual({ told: url });

      const prepared = await callbacks.prepare(InvoiceCallbacks, stored).invoiceNotification(event);
      expect(prepared).toMatchObject({ request: { url } });
      const byHand = {
        ...prepared,
        request: { ...('request' in prepared && prepared.request), url: stored.invoiceNotification },
      };
      await callbacks.submit(byHand);
      await eventually(() => expect(outcomes.told).toHaveLength(1));
      expect(outcomes.told[0]).toMatchObject(['delivered', { url }]);

      const result = await callbacks.send(InvoiceCallbacks, stored).invoiceNotification(event);
      expect(result).toMatchObject({ status: 'delivered', url });

      expect(signed.map((delivery) => delivery.url)).toEqual([url, url]);
      expect(receiver.requests.map((request) => request.url)).toEqual([sent, sent]);
      for (const { body, headers } of receiver.requests) {
        expect(new Webhook(SECRET).verify(body.toString(), headers as Record<string, string>)).toEqual(event);
      }
      expect(lines.join('\n')).not.toContain('%2e');
    },
  );
});

it('one URL in two spellings is one delivery of a key', async () => {
  const receiver = await receiving(ok);
  const { callbacks } = await start(receiver.port);
  const enqueue = (path: string) =>
    callbacks
      .enqueue(InvoiceCallbacks, { invoiceNotification: `${receiver.url}${path}` }, { key: 'invoice-1' })
      .invoiceNotification(event);
  const first = await enqueue('/b');
  expect(await enqueue('/a/%2e%2e/b')).toMatchObject({ ...first, status: 'duplicate' });
  await eventually(() => expect(receiver.requests).toHaveLength(1));
});
