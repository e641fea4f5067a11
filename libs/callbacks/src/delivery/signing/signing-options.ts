import { isJsonObject } from '../../expression/json.js';
import { nestedOptionsIssue } from '../../errors/option-issues.js';
import type { OptionChecks } from '../../errors/option-issues.js';
import type { JsonValue } from '../callback-delivery.js';
import { decodeSecret, SECRET_FORMAT } from './sign-delivery.js';

/** The delivery that needs a secret. */
export interface SignedDelivery {
  /** The id, which is the `webhook-id` of every attempt. */
  readonly id: string;
  /** The qualified name of the handler, such as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback: string;
  /** The URL that is called. The client chose it, so select the secret by the `context` instead. */
  readonly url: string;
  /** The idempotency key, if it was enqueued with one. */
  readonly key?: string;
  /** The app's own JSON, if it was enqueued with some, for example the tenant. */
  readonly context?: JsonValue;
}

/** A secret, or several during a rotation: the receiver accepts a delivery if one of the signatures is valid. */
export type SigningSecret = string | readonly string[];

/**
 * How deliveries are signed, so that receivers can verify that they come from you.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @example
 * const signing = { secret: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] };
 */
export interface SigningOptions {
  /**
   * The secret: `whsec_` and 24 to 64 random bytes in base64. Use several during a rotation. A function is called for
   * each attempt, and can give each receiver its own secret.
   */
  secret: SigningSecret | ((delivery: SignedDelivery) => SigningSecret | Promise<SigningSecret>);
}

const CHECKS: OptionChecks<SigningOptions> = {
  secret: (value) =>
    areSecrets(value) ? undefined : `is ${SECRET_FORMAT}, an array of such secrets, or a function that returns them`,
};

/**
 * Returns what `signing` must be, as the end of "must be …", or `undefined` if it is valid. It never prints a secret.
 */
export function signingIssue(value: unknown): string | undefined {
  // A missing environment variable leaves it undefined, which must not turn off signing.
  const given = isJsonObject(value)
    ? { ...value, secret: ('secret' in value ? value.secret : undefined) ?? null }
    : value;
  return nestedOptionsIssue(given, CHECKS);
}

function areSecrets(value: unknown): boolean {
  if (typeof value === 'function') return true;
  const secrets: unknown[] = Array.isArray(value) ? value : [value];
  return secrets.length > 0 && secrets.every((item) => decodeSecret(item) !== undefined);
}

/** Returns the secrets that sign a delivery. signDelivery() checks them. */
export async function secretsOf({ secret }: SigningOptions, delivery: SignedDelivery): Promise<readonly string[]> {
  const given = typeof secret === 'function' ? await secret(delivery) : secret;
  if (typeof given === 'string') return [given];
  if (Array.isArray(given)) return given;
  throw new TypeError('The function `signing.secret` did not return a secret. Fix: return one for every delivery.');
}
