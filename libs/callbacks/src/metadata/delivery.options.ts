import { nestedOptionsIssue } from '../errors/option-issues.js';
import type { OptionChecks } from '../errors/option-issues.js';

/** When a failed delivery is attempted again. */
export interface RetryOptions {
  /**
   * How long to wait after each failed attempt, in ms, at most 7 days. The first attempt needs no wait: there is one
   * attempt more than there are waits.
   *
   * @default [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000]
   */
  schedule?: readonly number[];

  /**
   * The random part of each wait: 0.2 means ±20 %. It spreads the deliveries that failed together in an outage.
   *
   * @default 0.2
   */
  jitter?: number;
}

/** The options of a class for its deliveries. They replace those of the module. */
export interface DeliveryOptions {
  /**
   * How long one attempt may take, from the name lookup to the last byte of the reply, in ms.
   *
   * @default the `timeout` of `CallbacksModule`
   */
  timeout?: number;

  /**
   * When a failed delivery is attempted again. Missing members come from the `retry` of `CallbacksModule`.
   *
   * @default the `retry` of `CallbacksModule`
   */
  retry?: RetryOptions;

  /**
   * How long after `enqueue()` a delivery may still be attempted, in ms. After that it fails with the `reason`
   * `expired`.
   *
   * @default never
   */
  expiresAfter?: number;
}

/** The longest wait between two attempts, in ms. */
export const MAX_WAIT_MS = 7 * 24 * 60 * 60 * 1_000;

/** A timer with a longer delay fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

const RETRY_CHECKS: OptionChecks<RetryOptions> = {
  schedule: (value) =>
    Array.isArray(value) && value.every((wait) => isBetween(wait, 0, MAX_WAIT_MS))
      ? undefined
      : `is an array of milliseconds from 0 to ${MAX_WAIT_MS}`,
  jitter: (value) => (isBetween(value, 0, 1) ? undefined : 'is a number from 0 to 1'),
};

/** Says what `retry` must be, as the end of "must be …", or `undefined` if it is that. */
export function retryIssue(value: unknown): string | undefined {
  return nestedOptionsIssue(value, RETRY_CHECKS);
}

/** Says what `timeout` must be, as the end of "must be …", or `undefined` if it is that. */
export function timeoutIssue(value: unknown): string | undefined {
  return isBetween(value, 1, MAX_TIMER_MS) ? undefined : `a number of milliseconds from 1 to ${MAX_TIMER_MS}`;
}

/** An id is written in logs and joined to handler names by a dot. */
const CLASS_ID = /^[^\s.\p{Cc}]+$/u;

/** Says what the `id` of a class must be, as the end of "must be …", or `undefined` if it is that. */
export function idIssue(value: unknown): string | undefined {
  return typeof value === 'string' && CLASS_ID.test(value)
    ? undefined
    : "a string without dots and white space, such as { id: 'InvoiceCallbacks' }";
}

export const DELIVERY_CHECKS: OptionChecks<DeliveryOptions> = {
  timeout: timeoutIssue,
  retry: retryIssue,
  expiresAfter: (value) =>
    isBetween(value, 1, Number.MAX_SAFE_INTEGER) ? undefined : 'a number of milliseconds, at least 1',
};

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
