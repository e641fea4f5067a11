import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { signatureIssue } from './check-request.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OLD_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
const BODY = Buffer.from('{"name":"Zoë"}');

/** The headers of a request as the reference library signs it. */
function headersAt(date: Date, secret = SECRET) {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(date.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', date, BODY),
  };
}
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);

describe('a request is signed', () => {
  it.each([
    ['by the secret', headersAt(ago(0)), [SECRET]],
    ['by one of the secrets', headersAt(ago(0), OLD_SECRET), [SECRET, OLD_SECRET]],
    ['four minutes ago', headersAt(ago(4)), [SECRET]],
    ['in four minutes', headersAt(ago(-4)), [SECRET]],
    [
      'beside signatures of others',
      { ...headersAt(ago(0)), 'webhook-signature': `v1a,x v1,AAAA ${headersAt(ago(0))['webhook-signature']}` },
      [SECRET],
    ],
  ])('%s', (_, headers, secrets) => {
    expect(signatureIssue(headers, BODY, secrets)).toBeUndefined();
  });
});

describe('a request is not signed', () => {
  const now = headersAt(ago(0));
  it.each([
    ['without the headers', {}, 'The request is not signed'],
    ['without a signature', { ...now, 'webhook-signature': undefined }, 'The request is not signed'],
    ['by another secret', headersAt(ago(0), OLD_SECRET), 'does not match any of the secrets'],
    ['under another id', { ...now, 'webhook-id': 'msg_2' }, 'does not match any of the secrets'],
    ['under an id with a dot', { ...now, 'webhook-id': 'msg.1' }, 'without a space or a dot'],
    ['six minutes ago', headersAt(ago(6)), 'more than five minutes in the past'],
    ['in six minutes', headersAt(ago(-6)), 'more than five minutes in the past'],
    ['at no time', { ...now, 'webhook-timestamp': 'now' }, 'must be in whole seconds'],
    ['with an empty signature', { ...now, 'webhook-signature': '' }, 'does not match any of the secrets'],
  ])('%s', (_, headers, reason) => {
    expect(signatureIssue(headers, BODY, [SECRET])).toContain(reason);
  });

  it('with another body', () => {
    expect(signatureIssue(now, Buffer.from('{}'), [SECRET])).toContain('does not match any of the secrets');
  });
});
