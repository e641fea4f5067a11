import { nestedOptionsIssue } from '../errors/option-issues.js';
import type { OptionChecks } from '../errors/option-issues.js';

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

/** What a class says of its deliveries, if it is not what the module says. */
export interface DeliveryOptions {
  /**
   * How long one attempt may take, from the beginning of the connection to the last byte of the reply, in ms.
   *
   * @default the `timeout` of `CallbacksModule`
   */
  timeout?: number;

  /**
   * When a delivery is attempted again. What is left out is as in the `retry` of `CallbacksModule`.
   *
   * @default the `retry` of `CallbacksModule`
   */
  retry?: RetryOptions;

  /**
   * How long after it was enqueued a delivery is still worth an attempt, in ms. After that it fails instead, with the
   * `reason` `expired`.
   *
   * @default never
   */
  expiresAfter?: number;
}

/** The longest wait between two attempts, in ms. */
export const LONGEST_WAIT = 7 * 24 * 60 * 60 * 1_000;

/** A timer of more milliseconds than that fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

const RETRY_CHECKS: OptionChecks<RetryOptions> = {
  schedule: (value) =>
    Array.isArray(value) && value.every((wait) => isBetween(wait, 0, LONGEST_WAIT))
      ? undefined
      : `is an array of milliseconds from 0 to ${LONGEST_WAIT}`,
  jitter: (value) => (isBetween(value, 0, 1) ? undefined : 'is a number from 0 to 1'),
};

/** Says what `retry` must be, as the end of "must be …", or `undefined` if it is that. */
export function retryIssue(value: unknown): string | undefined {
  return nestedOptionsIssue(value, RETRY_CHECKS);
}

/** Says what `timeout` must be, as the end of "must be …", or `undefined` if it is that. */
export function timeoutIssue(value: unknown): string | undefined {
  return isBetween(value, 1, LONGEST_TIMER) ? undefined : `a number of milliseconds from 1 to ${LONGEST_TIMER}`;
}

/** What a log can hold in one line, and what no dot divides. */
const ID = /^[^\s.\p{Cc}]+$/u;

/** Says what the `id` of a class must be, as the end of "must be …", or `undefined` if it is that. */
export function idIssue(value: unknown): string | undefined {
  return typeof value === 'string' && ID.test(value)
    ? undefined
    : "a string without dots and white space, as { id: 'InvoiceCallbacks' }";
}

/** What each of the options must be. */
export const DELIVERY_CHECKS: OptionChecks<DeliveryOptions> = {
  timeout: timeoutIssue,
  retry: retryIssue,
  expiresAfter: (value) =>
    isBetween(value, 1, Number.MAX_SAFE_INTEGER) ? undefined : 'a number of milliseconds, at least 1',
};

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
