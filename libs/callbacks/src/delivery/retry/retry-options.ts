import { nestedOptionsIssue } from '../../errors/option-issues.js';
import type { OptionChecks } from '../../errors/option-issues.js';

/** When a delivery that failed is attempted again. */
export interface RetryOptions {
  /**
   * How long to wait after each failed attempt, in ms, up to 7 days. One attempt more is made than there are waits.
   *
   * @default [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000]
   */
  schedule?: readonly number[];

  /**
   * By how much each wait is made longer or shorter at random, as a part of it: 0.2 is ±20 %. It keeps the deliveries
   * of an outage from coming back all at once.
   *
   * @default 0.2
   */
  jitter?: number;
}

/** The options of retrying, complete. */
export type RetryPolicy = Readonly<Required<RetryOptions>>;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The longest wait between two attempts, in ms. */
export const LONGEST_WAIT = 7 * 24 * HOUR;

/** The example of the Standard Webhooks specification: ten attempts over some 75 hours. */
const SCHEDULE = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

export function retryPolicyOf({ schedule = SCHEDULE, jitter = 0.2 }: RetryOptions = {}): RetryPolicy {
  return { schedule, jitter };
}

const CHECKS: OptionChecks<RetryOptions> = {
  schedule: (value) =>
    Array.isArray(value) && value.every((wait) => isBetween(wait, LONGEST_WAIT))
      ? undefined
      : `is an array of milliseconds from 0 to ${LONGEST_WAIT}`,
  jitter: (value) => (isBetween(value, 1) ? undefined : 'is a number from 0 to 1'),
};

/** Says what `retry` must be, as the end of "must be …", or `undefined` if it is that. */
export function retryIssue(value: unknown): string | undefined {
  return nestedOptionsIssue(value, CHECKS);
}

function isBetween(value: unknown, most: number): boolean {
  return typeof value === 'number' && value >= 0 && value <= most;
}
