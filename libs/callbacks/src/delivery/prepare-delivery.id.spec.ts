import { expect, it } from '@jest/globals';
import { deliveryId } from './prepare-delivery.js';
import { signDelivery } from './signing.js';

const identity = { callback: 'InvoiceCallbacks.paid', url: 'https://x.example/a', key: 'invoice-1' };

it('is the same for the same key, callback and URL, and different if one of them differs', () => {
  const ids = [
    identity,
    { ...identity },
    { ...identity, key: 'invoice-2' },
    { ...identity, url: 'https://x.example/b' },
    { ...identity, callback: 'InvoiceCallbacks.voided' },
    { ...identity, callback: 'InvoiceCallbacks.paid","https', url: '://x.example/a' },
  ].map(deliveryId);
  expect(ids[1]).toBe(ids[0]);
  expect(new Set(ids).size).toBe(5);
});

it('is new each time without a key', () => {
  const keyless = { ...identity, key: undefined };
  expect(deliveryId(keyless)).not.toBe(deliveryId(keyless));
});

it.each(['invoice-1', 'ключ', 'a.b c', '\r\n'])('can be signed, whatever the key: %j', (key) => {
  const secrets = [`whsec_${Buffer.alloc(24).toString('base64')}`];
  const id = deliveryId({ ...identity, key });
  expect(signDelivery({ id, timestamp: 0, body: '', secrets })['webhook-id']).toBe(id);
});
