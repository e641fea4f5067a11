import { expect, it } from '@jest/globals';
import { retryIssue } from './delivery.options.js';

it.each([[{}], [{ schedule: [] }], [{ schedule: [0, 5_000] }], [{ jitter: 0 }], [{ schedule: [1], jitter: 1 }]])(
  'accepts %j',
  (options) => {
    expect(retryIssue(options)).toBeUndefined();
  },
);

it.each([
  [undefined, 'an object'],
  [[5_000], 'an object'],
  [{ attempts: 3 }, 'no `attempts`'],
  [{ schedule: 5_000 }, '`schedule`'],
  [{ schedule: ['5s'] }, '`schedule`'],
  [{ schedule: [-1] }, '`schedule`'],
  [{ schedule: [Number.NaN] }, '`schedule`'],
  [{ schedule: [8 * 24 * 3_600_000] }, '`schedule`'],
  [{ jitter: 20 }, '`jitter`'],
  [{ jitter: '20%' }, '`jitter`'],
])('says what %j must be', (options, expected) => {
  expect(retryIssue(options)).toContain(expected);
});
