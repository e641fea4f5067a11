import { describe, expect, it } from '@jest/globals';
import type { CallbackDelivery } from './callback-delivery.js';
import { readPreparedCallback } from './read-delivery.js';

const delivery: CallbackDelivery = {
  status: 'prepared',
  version: 1,
  id: 'msg_1',
  callback: 'InvoiceCallbacks.invoiceNotification',
  receiver: 'https://x.example',
  digest: 'a digest',
  request: { method: 'POST', url: 'https://x.example/', headers: { accept: 'application/json' }, body: '{}' },
};

it.each([
  ['a delivery', delivery],
  ['one with a key', { ...delivery, key: 'a' }],
  ['one without a body', { ...delivery, request: { ...delivery.request, body: undefined } }],
  ['one that was skipped', { status: 'skipped' }],
])('accepts %s', (_, given) => {
  expect(() => readPreparedCallback(given)).not.toThrow();
});

describe('rejects what prepare() did not return', () => {
  it.each([
    [undefined, 'status: must be'],
    [null, 'status: must be'],
    ['{"id":"msg_1"}', 'must be an object, but is a string'],
    [{ ...delivery, status: 'queued' }, 'status: must be'],
    [{ ...delivery, id: 'msg.1' }, 'id: must be'],
    [{ ...delivery, id: '' }, 'id: must be'],
    [{ ...delivery, callback: undefined }, 'callback: must be'],
    [{ ...delivery, callback: 'InvoiceCallbacks\nERROR' }, 'callback: must be'],
    [{ ...delivery, key: 7 }, 'key: must be'],
    [{ ...delivery, version: 2 }, 'version: must be 1'],
    [{ ...delivery, version: undefined }, 'version: must be 1'],
    [{ ...delivery, receiver: 'https://x.example\n' }, 'receiver: must be'],
    [{ ...delivery, receiver: 'x.example' }, 'receiver: must be'],
    [{ ...delivery, digest: undefined }, 'digest: must be'],
    [{ ...delivery, timeout: '5s' }, 'timeout: must be'],
    [{ ...delivery, retry: { schedule: [-1] } }, 'retry: must be'],
    [{ ...delivery, expiresAt: 'tomorrow' }, 'expiresAt: must be'],
    [{ ...delivery, request: undefined }, 'request.url: must be'],
    [{ ...delivery, request: { ...delivery.request, headers: { accept: 1 } } }, 'request.headers: must be'],
    [{ ...delivery, request: { ...delivery.request, headers: undefined } }, 'request.headers: must be'],
    [{ ...delivery, request: { ...delivery.request, headers: ['accept'] } }, 'request.headers: must be'],
    [{ ...delivery, request: { ...delivery.request, headers: 'accept' } }, 'request.headers: must be'],
    [{ ...delivery, request: { ...delivery.request, body: {} } }, 'request.body: must be'],
  ])('%j', (given, expected) => {
    expect(() => readPreparedCallback(given)).toThrow(expected);
  });
});
