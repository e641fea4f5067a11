import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { describeDeliveries, durationOf } from './guidance.js';

const paths = {
  '/paid/{id}': { post: { summary: 'Sent once it is paid', tags: ['POST /invoices', 'PUT /drafts'], responses: {} } },
  '/hooks': { put: { tags: ['Webhooks'], responses: {} } },
};
const terms = { timeout: 15_000, schedule: [5_000, 300_000, 7_200_000], jitter: 0.2 };

describe('what a receiver must know', () => {
  it('is the list of requests if nothing else is known', () => {
    expect(describeDeliveries({ paths, terms: undefined, isSigned: false })).toBe(
      [
        '## What is sent',
        '',
        '- `POST /paid/{id}`: Sent once it is paid. Callback of `POST /invoices` or `PUT /drafts`.',
        '- `PUT /hooks`.',
      ].join('\n'),
    );
    expect(describeDeliveries({ paths: {}, terms: undefined, isSigned: false })).toBe('');
  });

  it('lists no more than a reader can use', () => {
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`/p${index}`, { post: { responses: {} } }]),
    );
    expect(describeDeliveries({ paths: many, terms: undefined, isSigned: false })).toMatch(
      /`POST \/p49`\.\n- and 10 more\.$/,
    );
  });

  it('is the time, the schedule and the answers of the app', () => {
    const text = describeDeliveries({ paths: {}, terms, isSigned: false });
    expect(text).toContain('with a 2xx status within 15 seconds');
    expect(text).toContain('up to 4 attempts in total. The waits between them are 5 seconds, 5 minutes and 2 hours.');
    expect(text).toContain('Each wait is up to 20 % shorter or longer.');
    for (const status of ['410', '429', '503', 'Retry-After']) expect(text).toContain(status);
    expect(text).not.toMatch(/signature|webhook-id|401/);
  });

  it('does not include a missing schedule', () => {
    const text = describeDeliveries({ paths: {}, terms: { ...terms, schedule: [], jitter: 0 }, isSigned: true });
    expect(text).toContain('A failed request is not sent again.');
    expect(text).not.toContain('shorter or longer');
  });

  it('is an example of a signature that its own steps give', () => {
    const text = describeDeliveries({ paths: {}, terms, isSigned: true });
    const valueOf = (name: string) => new RegExp(`^ {4}${name} +(.*)$`, 'm').exec(text)?.[1] ?? '';
    const key = Buffer.from(valueOf('secret').replace('whsec_', ''), 'base64');
    const signed = [valueOf('id'), valueOf('timestamp'), valueOf('body')].join('.');
    expect(valueOf('signature')).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(text).toContain('answer 401 if it is wrong');
  });
});

it.each([
  [1, '1 millisecond'],
  [1_500, '1500 milliseconds'],
  [1_000, '1 second'],
  [90_000, '90 seconds'],
  [3_600_000, '1 hour'],
  [86_400_000, '24 hours'],
])('%d ms are %s', (ms, text) => {
  expect(durationOf(ms)).toBe(text);
});
