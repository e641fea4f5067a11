import { CallbackContractError } from '../errors/contract.errors.js';
import { CallbackDeliveryError, CallbackUrlError } from '../errors/callback.errors.js';
import { isMachineFault } from './transport/delivery-failure.js';
import { MAX_WAIT_MS } from '../metadata/delivery.options.js';
import type { RetryOptions } from '../metadata/delivery.options.js';

/** The retry options with their defaults. */
export type RetryPolicy = Readonly<Required<RetryOptions>>;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The example of the Standard Webhooks specification: ten attempts over about 75 hours. */
const SCHEDULE = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** @param usual - the defaults of missing options. */
export function retryPolicyOf(
  { schedule, jitter }: RetryOptions = {},
  usual: RetryPolicy = { schedule: SCHEDULE, jitter: 0.2 },
): RetryPolicy {
  return { schedule: schedule ?? usual.schedule, jitter: jitter ?? usual.jitter };
}

/** A failed attempt. */
export interface FailedAttempt {
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  readonly error: Error;
}

/** What follows a failed attempt. */
export type NextStep =
  /** It is tried again in `delay` ms. */
  | { readonly status: 'retry'; readonly delay: number; readonly error: string }
  /** The same attempt is made again in `delay` ms. */
  | { readonly status: 'postponed'; readonly delay: number; readonly error: string }
  | { readonly status: 'failed'; readonly error: string };

/** How long to wait after a fault of this machine, in ms. */
const MACHINE_FAULT_WAIT_MS = 5_000;

const NO_REPLY = { reason: undefined, statusCode: undefined, retryAfter: undefined };

/**
 * Decides what follows a failed attempt. Four errors end a delivery at once: a URL that may not be called, a request
 * that its class cannot have rendered, a receiver that is gone (410), and a delivery that has expired. Everything else
 * is tried again until the schedule ends, and never earlier than the receiver asked. A fault of this machine does not
 * use up an attempt.
 *
 * @param random - returns a number from 0 to 1.
 */
export function nextStep({ attempt, error }: FailedAttempt, policy: RetryPolicy, random = Math.random): NextStep {
  const ended = (why: string): NextStep => ({ status: 'failed', error: why });
  if (error instanceof CallbackUrlError || error instanceof CallbackContractError) return ended(error.message);
  const jittered = (wait: number) => wait * (1 + policy.jitter * (2 * random() - 1));
  if (isMachineFault(error)) {
    return { status: 'postponed', delay: Math.round(jittered(MACHINE_FAULT_WAIT_MS)), error: error.message };
  }
  const { reason, statusCode, retryAfter = 0 } = error instanceof CallbackDeliveryError ? error : NO_REPLY;
  const wait = policy.schedule[attempt - 1];
  if (statusCode === 410 || reason === 'expired' || wait === undefined) return ended(error.message);
  if (retryAfter > MAX_WAIT_MS) return ended(`${error.message} The receiver asks to wait for more than 7 days.`);
  return { status: 'retry', delay: Math.round(Math.max(jittered(wait), retryAfter)), error: error.message };
}
