import { expect, it } from '@jest/globals';
import { parseRetryAfter } from './attempt.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');

it.each<[value: string | string[], ms: number]>([
  ['0', 0],
  ['1', 1_000],
  [' 120 ', 120_000],
  ['00060', 60_000],
  ['9'.repeat(20), Number('9'.repeat(20)) * 1_000],
  ['Mon, 23 Nov 2026 12:01:00 GMT', 60_000],
  ['Monday, 23-Nov-26 12:01:00 GMT', 60_000],
  ['Mon Nov 23 12:01:00 2026', 60_000],
  ['Sun Nov  1 12:00:00 2026', 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
  ['Fri, 31 Dec 9999 23:59:59 GMT', Date.parse('9999-12-31T23:59:59Z') - NOW],
  [['5', '10'], 5_000],
])('reads %j', (value, ms) => {
  expect(parseRetryAfter(value, NOW)).toBe(ms);
});

it.each([
  [undefined],
  [''],
  ['soon'],
  ['-5'],
  ['+5'],
  ['1.5'],
  ['1e3'],
  ['5 s'],
  ['5, 10'],
  ['２'],
  ['2026-11-23T12:01:00Z'],
  ['Mon, 23 Nov 2026 12:01:00 +0100'],
  ['Mon, 23 Foo 2026 12:01:00 GMT'],
  ['Mon, 23 Nov 2026 25:01:00 GMT'],
  [[]],
])('finds nothing in %j', (value) => {
  expect(parseRetryAfter(value, NOW)).toBeUndefined();
});
