import { describe, expect, it } from '@jest/globals';
import { parseUrlTemplate } from '../expression/url-template.js';
import { receiverOf } from './receiver-of.js';

const BASE = '{$request.query.url}';

describe('receiverOf()', () => {
  it.each([
    [BASE, 'https://x.example/events?token=a', 'https://x.example/events?token=a'],
    [BASE, 'https://x.example/', 'https://x.example'],
    [`${BASE}/invoices/{$request.body#/id}`, 'https://x.example/events/invoices/1', 'https://x.example/events'],
    [`${BASE}/invoices/{$request.body#/id}`, 'https://x.example/invoices/a%2Fb', 'https://x.example'],
    [`${BASE}/invoices/{$request.body#/id}`, 'https://x.example/e/invoices/1?token=a', 'https://x.example/e?token=a'],
    [`${BASE}?kind={$request.body#/kind}`, 'https://x.example/e?token=a&kind=paid', 'https://x.example/e?token=a'],
    [`${BASE}?kind={$request.body#/kind}#top`, 'https://x.example/e?kind=paid', 'https://x.example/e'],
    [
      'https://{$request.body#/tenant}.partner.example/hooks',
      'https://a.partner.example/hooks',
      'https://a.partner.example',
    ],
    // A URL that was stored before the class got another path.
    [`${BASE}/a/b/c/d`, 'https://x.example/short', 'https://x.example'],
  ])('of %s in %s is %s', (template, url, expected) => {
    expect(receiverOf(parseUrlTemplate(template), url)).toBe(expected);
  });

  it('distinguishes two long ones, within the limit of an index', () => {
    const long = `https://x.example/${'a'.repeat(4_000)}`;
    const [one, other] = ['1', '2'].map((end) => receiverOf(parseUrlTemplate(BASE), long + end));
    expect(one).not.toBe(other);
    expect(one!.length).toBeLessThanOrEqual(512);
  });
});
