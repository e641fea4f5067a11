import type { RetryOptions } from '../../metadata/delivery-options.js';

/** The retry options with their defaults. */
export type RetryPolicy = Readonly<Required<RetryOptions>>;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The example of the Standard Webhooks specification: ten attempts over about 75 hours. */
const SCHEDULE = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/** @param usual - the defaults of missing options. */
export function retryPolicyOf(
  { schedule, jitter }: RetryOptions = {},
  usual: RetryPolicy = { schedule: SCHEDULE, jitter: 0.2 },
): RetryPolicy {
  return { schedule: schedule ?? usual.schedule, jitter: jitter ?? usual.jitter };
}
