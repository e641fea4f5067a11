import { describe, expect, it } from '@jest/globals';
import { CallbackDeliveryError, CallbackUrlError } from '../errors/callback.errors.js';
import { nextStep, retryPolicyOf } from './next-step.js';
import { MAX_WAIT_MS } from '../metadata/delivery.options.js';

const policy = retryPolicyOf({ jitter: 0 });
const replied = (statusCode: number, retryAfter?: number) =>
  new CallbackDeliveryError(`The receiver replied ${statusCode}.`, { reason: 'status', statusCode, retryAfter });
const refused = new CallbackDeliveryError('The connection was refused.', { reason: 'connection' });

it('waits 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h, and then no more', () => {
  const steps = Array.from({ length: 10 }, (_, index) => nextStep({ attempt: index + 1, error: refused }, policy));
  const minutes = steps.map((step) => (step.status === 'retry' ? step.delay / 60_000 : step.status));
  expect(minutes).toEqual([5 / 60, 5, 30, 120, 300, 600, 840, 1_200, 1_440, 'failed']);
});

it.each([
  ['no connection', refused],
  ['a timeout', new CallbackDeliveryError('It took too long.', { reason: 'timeout' })],
  ['an error of the app’s own', new Error('The vault of secrets is closed.')],
  ...[300, 307, 400, 401, 404, 409, 429, 500, 503, 599].map((status) => [`a ${status}`, replied(status)] as const),
])('tries again after %s', (_, error) => {
  expect(nextStep({ attempt: 1, error }, policy)).toEqual({ status: 'retry', delay: 5_000, error: error.message });
});

it('ends at once when the receiver is gone, whatever it asks', () => {
  const error = replied(410, 60_000);
  expect(nextStep({ attempt: 1, error }, policy)).toEqual({ status: 'failed', error: error.message });
});

it('ends at once when the URL may not be called back', () => {
  const error = new CallbackUrlError('10.0.0.1 is a private address', { host: '10.0.0.1' });
  expect(nextStep({ attempt: 1, error }, policy)).toEqual({ status: 'failed', error: error.message });
});

it.each([1, 8, 9])('a fault of this machine postpones attempt %i, and uses it up in no schedule', (attempt) => {
  const cause = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
  const error = new CallbackDeliveryError('No file descriptors are left.', { reason: 'machine', cause });
  const step = nextStep({ attempt, error }, policy);
  expect(step).toEqual({ status: 'postponed', delay: 5_000, error: error.message });
});

describe('Retry-After', () => {
  it('makes a wait longer, and never shorter', () => {
    expect(nextStep({ attempt: 1, error: replied(503, 60_000) }, policy)).toMatchObject({ delay: 60_000 });
    expect(nextStep({ attempt: 2, error: replied(503, 60_000) }, policy)).toMatchObject({ delay: 300_000 });
    expect(nextStep({ attempt: 1, error: replied(503, 0) }, policy)).toMatchObject({ delay: 5_000 });
  });

  it('is kept whatever the jitter', () => {
    const jittered = retryPolicyOf({ jitter: 0.2 });
    expect(nextStep({ attempt: 1, error: replied(429, 5_900) }, jittered, () => 0)).toMatchObject({ delay: 5_900 });
    expect(nextStep({ attempt: 1, error: replied(429, 5_900) }, jittered, () => 1)).toMatchObject({ delay: 6_000 });
  });

  it('makes no attempt more than there are', () => {
    expect(nextStep({ attempt: 10, error: replied(503, 1_000) }, policy)).toMatchObject({ status: 'failed' });
  });

  it('of more than 7 days ends the delivery: it is kept, and not sent earlier', () => {
    expect(nextStep({ attempt: 1, error: replied(503, MAX_WAIT_MS) }, policy)).toMatchObject({ delay: MAX_WAIT_MS });
    expect(nextStep({ attempt: 1, error: replied(503, MAX_WAIT_MS + 1) }, policy)).toEqual({
      status: 'failed',
      error: 'The receiver replied 503. The receiver asks to wait for more than 7 days.',
    });
  });
});

it('spreads the waits by the jitter, evenly on both sides', () => {
  const delays = [0, 0.25, 0.5, 1].map((random) =>
    nextStep({ attempt: 1, error: refused }, retryPolicyOf(), () => random),
  );
  expect(delays.map((step) => step.status === 'retry' && step.delay)).toEqual([4_000, 4_500, 5_000, 6_000]);
});

it('makes one attempt if the schedule is empty', () => {
  const once = retryPolicyOf({ schedule: [] });
  expect(nextStep({ attempt: 1, error: refused }, once)).toMatchObject({ status: 'failed' });
});
