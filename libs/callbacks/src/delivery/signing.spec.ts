import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { signingIssue, secretsOf, signDelivery } from './signing.js';

const secret = `whsec_${Buffer.alloc(24, 'a').toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 'b').toString('base64')}`;
const delivery = { id: 'msg_1', callback: 'InvoiceCallbacks.invoiceNotification', url: 'https://x.example/' };

describe('signingIssue', () => {
  it.each([
    ['a secret', { secret }],
    ['several', { secret: [secret, other] }],
    ['a function', { secret: () => secret }],
  ])('accepts %s', (_, options) => {
    expect(signingIssue(options)).toBeUndefined();
  });

  it.each([
    [undefined, 'an object: { secret }'],
    [secret, 'an object: { secret }'],
    [[secret], 'an object: { secret }'],
    [{ secret, secrets: [] }, 'it has no `secrets`'],
    [{}, 'whose `secret` is'],
    [{ secret: 'hunter2' }, 'whose `secret` is'],
    [{ secret: [] }, 'whose `secret` is'],
    [{ secret: [secret, 'hunter2'] }, 'whose `secret` is'],
    [{ secret: [secret, 7] }, 'whose `secret` is'],
  ])('says what %j must be, without printing a secret', (options, expected) => {
    expect(signingIssue(options)).toContain(expected);
    expect(signingIssue(options)).not.toContain('hunter2');
    expect(signingIssue(options)).not.toContain(secret);
  });
});

describe('secretsOf', () => {
  it('gives one as a list, and several as they are', async () => {
    expect(await secretsOf({ secret }, delivery)).toEqual([secret]);
    expect(await secretsOf({ secret: [secret, other] }, delivery)).toEqual([secret, other]);
  });

  it('asks a function for each delivery', async () => {
    const bySubscriber = new Map([[delivery.url, other]]);
    expect(await secretsOf({ secret: ({ url }) => bySubscriber.get(url)! }, delivery)).toEqual([other]);
    expect(await secretsOf({ secret: async ({ id }) => [id, secret] }, delivery)).toEqual(['msg_1', secret]);
  });
});

const secretOf = (length: number) => `whsec_${randomBytes(length).toString('base64')}`;
const now = () => Math.floor(Date.now() / 1000);
const signed = { id: 'msg_1', timestamp: 1_700_000_000, body: '{}', secrets: [secret] };

it('signs the example that the Standard Webhooks libraries share', () => {
  const headers = signDelivery({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
    secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  });
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

describe('verified by the reference library', () => {
  const verify = (key: string, body: string, headers: object) =>
    new Webhook(key).verify(body, { ...headers }, { jsonParse: false });

  it.each([
    ['JSON', '{"paid":true}'],
    ['text beyond ASCII', '{"name":"Zoë 🎉"}'],
    ['an empty body', ''],
    ['a body with dots', 'a.b.c'],
  ])('%s, as text and as bytes', (_, body) => {
    for (const sent of [body, new TextEncoder().encode(body)]) {
      const headers = signDelivery({ id: 'msg_1', timestamp: now(), body: sent, secrets: [secret] });
      expect(() => verify(secret, body, headers)).not.toThrow();
      expect(() => verify(secretOf(24), body, headers)).toThrow('No matching signature');
      expect(() => verify(secret, `${body} `, headers)).toThrow('No matching signature');
    }
  });

  it('any text, with secrets of every length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array({ minLength: 24, maxLength: 64 }), (body, key) => {
        const whsec = `whsec_${Buffer.from(key).toString('base64')}`;
        const headers = signDelivery({ id: 'msg_1', timestamp: now(), body, secrets: [whsec] });
        verify(whsec, body, headers);
      }),
    );
  });

  it('by each of several secrets', () => {
    const secrets = [secretOf(24), secretOf(32), secretOf(64)];
    const headers = signDelivery({ id: 'msg_1', timestamp: now(), body: '{}', secrets });
    expect(headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44} v1,\S{44}$/);
    for (const each of secrets) expect(() => verify(each, '{}', headers)).not.toThrow();
  });
});

it('signs bytes as bytes, not as text', () => {
  const [bytes, others] = [Uint8Array.of(0xff, 0x00), Uint8Array.of(0xfe, 0x00)];
  expect(signDelivery({ ...signed, body: bytes })).not.toEqual(signDelivery({ ...signed, body: others }));
});

it.each(['', 'msg.1', '.', 'msg 1', 'msg\r\n1', 'möhre'])('refuses the id %j', (id) => {
  expect(() => signDelivery({ ...signed, id })).toThrow(TypeError);
});

it.each([1.5, -1, Number.NaN, Infinity])('refuses the timestamp %d', (timestamp) => {
  expect(() => signDelivery({ ...signed, timestamp })).toThrow(/whole seconds/);
});

it('refuses to sign with no secret', () => {
  expect(() => signDelivery({ ...signed, secrets: [] })).toThrow(/at least one secret/);
});

it.each([
  ['without its prefix', secret.slice('whsec_'.length)],
  ['of 23 bytes', secretOf(23)],
  ['of 65 bytes', secretOf(65)],
  ['that is empty', 'whsec_'],
  ['with a space in it', `${secret} `],
  ['in base64url', 'whsec_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_'],
  ['with a character too many', `${secret}A`],
])('refuses a secret %s, and does not print it', (_, wrong) => {
  const sign = () => signDelivery({ ...signed, secrets: [secret, wrong] });
  expect(sign).toThrow(new TypeError('A signing secret must be "whsec_" and 24 to 64 bytes in base64.'));
});
