import { isJsonObject } from '../../expression/json-object.js';
import { nestedOptionsIssue } from '../../errors/option-issues.js';
import type { OptionChecks } from '../../errors/option-issues.js';
import type { JsonValue } from '../callback-delivery.js';
import { decodeSecret, SECRET_FORMAT } from './webhook-secret.js';

/** The delivery that a secret is asked for. */
export interface SignedDelivery {
  /** Its id, the same on every attempt: the `webhook-id`. */
  readonly id: string;
  /** The qualified name of the handler, as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback: string;
  /** The URL that is called. The client chose it: let the `context` decide whose secret signs. */
  readonly url: string;
  /** The idempotency key, if it was enqueued with one. */
  readonly key?: string;
  /** The app's own JSON, if it was enqueued with some: the tenant, for example. */
  readonly context?: JsonValue;
}

/** A secret, or several while one is being rotated: the receiver accepts a delivery that one of them has signed. */
export type SigningSecret = string | readonly string[];

/**
 * How deliveries are signed, so that a receiver can tell yours from anyone else's.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @example
 * const signing = { secret: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] };
 */
export interface SigningOptions {
  /**
   * The secret: `whsec_` and 24 to 64 random bytes in base64. Several sign while one is being rotated; a function is
   * asked for each attempt, and gives each receiver a secret of its own.
   */
  secret: SigningSecret | ((delivery: SignedDelivery) => SigningSecret | Promise<SigningSecret>);
}

const CHECKS: OptionChecks<SigningOptions> = {
  secret: (value) =>
    areSecrets(value) ? undefined : `is ${SECRET_FORMAT}, an array of such secrets, or a function that gives them`,
};

/** Says what `signing` must be, as the end of "must be …", or `undefined` if it is that. Prints no secret. */
export function signingIssue(value: unknown): string | undefined {
  // An environment variable that is not set leaves it undefined, which is no way to turn signing off.
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

/** The secrets that sign a delivery. They are checked when they sign. */
export async function secretsOf({ secret }: SigningOptions, delivery: SignedDelivery): Promise<readonly string[]> {
  const given = typeof secret === 'function' ? await secret(delivery) : secret;
  if (typeof given === 'string') return [given];
  if (Array.isArray(given)) return given;
  throw new TypeError('The function `signing.secret` gave no secret. Fix: give one for every delivery.');
}
