import { describe, expect, it } from '@jest/globals';
import { isHostListed, parseHostPattern } from './host-pattern.js';

it.each([
  ['hooks.example', 'hooks.example'],
  ['Hooks.Example.', 'hooks.example'],
  ['*.Partner.example', '*.partner.example'],
  ['*.müller.example', '*.xn--mller-kva.example'],
  ['*.example', '*.example'],
  ['a_b.example', 'a_b.example'],
  ['localhost', 'localhost'],
  ['203.0.113.7', '203.0.113.7'],
  ['2001:DB8::1', '2001:db8::1'],
])('reads %s', (text, pattern) => {
  expect(parseHostPattern(text)).toBe(pattern);
});

it.each([
  '',
  '*',
  '*.',
  '.example',
  'a.*.example',
  '**.example',
  '*partner.example',
  '*.10.0.0.1',
  '*.::1',
  'https://hooks.example',
  'hooks.example/',
  'hooks.example:8443',
  '[2001:db8::1]',
  'user@hooks.example',
  'hooks.example?a',
  'hooks.example#a',
  'hooks%2eexample',
  ' hooks.example',
  'a..example',
  '256.0.0.1',
])('does not read %j', (text) => {
  expect(parseHostPattern(text)).toBeUndefined();
});

describe.each<[string, string[], string[]]>([
  [
    '*.partner.example',
    ['a.partner.example', 'a.b.partner.example', 'a.partner.example.'],
    ['partner.example', 'evilpartner.example', '.partner.example', 'partner.example.evil.example', 'example'],
  ],
  ['partner.example', ['partner.example', 'partner.example.'], ['a.partner.example', 'xpartner.example']],
  ['2001:db8::1', ['[2001:db8::1]'], ['[2001:db8::2]']],
  ['203.0.113.7', ['203.0.113.7'], ['203.0.113.70']],
])('%s', (text, listed, others) => {
  const patterns = ['unused.example', parseHostPattern(text)!];

  it.each(listed)('lists %s', (host) => {
    expect(isHostListed(host, patterns)).toBe(true);
  });
  it.each(others)('does not list %s', (host) => {
    expect(isHostListed(host, patterns)).toBe(false);
  });
});
