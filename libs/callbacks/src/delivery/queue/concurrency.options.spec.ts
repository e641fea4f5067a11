import { expect, it } from '@jest/globals';
import { concurrencyIssue } from './concurrency.options.js';

it.each([[{}], [{ total: 0 }], [{ total: 500, perHost: 1 }]])('accepts %j', (options) => {
  expect(concurrencyIssue(options)).toBeUndefined();
});

it.each([
  [undefined, 'an object'],
  [10, 'an object'],
  [{ max: 3 }, 'no `max`'],
  [{ total: -1 }, '`total`'],
  [{ total: 1.5 }, '`total`'],
  [{ total: Infinity }, '`total`'],
  [{ perHost: 0 }, '`perHost`'],
  [{ perHost: '5' }, '`perHost`'],
])('says what %j must be', (options, expected) => {
  expect(concurrencyIssue(options)).toContain(expected);
});
