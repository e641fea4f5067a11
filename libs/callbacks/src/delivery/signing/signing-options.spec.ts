import { describe, expect, it } from '@jest/globals';
import { signingIssue, secretsOf } from './signing-options.js';

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
