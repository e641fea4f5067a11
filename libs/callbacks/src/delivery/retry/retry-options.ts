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

/** Says what `retry` has to be, as the end of "has to be …", or `undefined` where it is that. */
export function checkRetryOptions(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'an object: { schedule, jitter }';
  const { schedule, jitter, ...strangers } = value as Record<string, unknown>;
  const [stranger] = Object.keys(strangers);
  if (stranger !== undefined) return `an object of schedule and jitter: it has no \`${stranger}\``;
  const isWait = (wait: unknown) => typeof wait === 'number' && wait >= 0 && wait <= LONGEST_WAIT;
  if (schedule !== undefined && !(Array.isArray(schedule) && schedule.every(isWait))) {
    return `an object whose \`schedule\` is an array of milliseconds from 0 to ${LONGEST_WAIT}`;
  }
  if (jitter !== undefined && !(typeof jitter === 'number' && jitter >= 0 && jitter <= 1)) {
    return 'an object whose `jitter` is a number from 0 to 1';
  }
  return undefined;
}
