import { createHmac } from 'node:crypto';
import { isJsonObject } from '../expression/json.js';
import { nestedOptionsIssue } from '../errors/option-issues.js';
import type { OptionChecks } from '../errors/option-issues.js';
import { isDeliveryId } from './callback-delivery.js';
import type { JsonValue } from './callback-delivery.js';

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

/** The signed parts of a delivery. */
export interface DeliveryToSign {
  /** The id of the delivery, the same on every attempt: printable ASCII without a dot. */
  readonly id: string;
  /** The time of this attempt, in whole seconds since 1970. */
  readonly timestamp: number;
  /** The exact bytes that are sent. A string is signed as UTF-8, and a missing body as `''`. */
  readonly body: string | Uint8Array;
  /** At least one `whsec_` secret. Each adds a signature. */
  readonly secrets: readonly string[];
}

/** The headers of a signed delivery. */
export interface SignatureHeaders {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
}

/**
 * Signs a delivery according to Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`.
 *
 * @throws TypeError if the id, the timestamp or a secret is invalid. It never prints a secret.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signDelivery({ id, timestamp, body, secrets }: DeliveryToSign): SignatureHeaders {
  if (!isDeliveryId(id)) throw new TypeError('The id of a delivery must be printable ASCII without a space or a dot.');
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new TypeError('The timestamp of a delivery must be in whole seconds since 1970.');
  }
  if (secrets.length === 0) throw new TypeError('A delivery must be signed with at least one secret.');
  const signatures = secrets.map((secret) => `v1,${signature(keyOf(secret), `${id}.${timestamp}.`, body)}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

function keyOf(secret: string): Buffer {
  const key = decodeSecret(secret);
  if (key === undefined) throw new TypeError(`A signing secret must be ${SECRET_FORMAT}.`);
  return key;
}

function signature(key: Buffer, head: string, body: string | Uint8Array): string {
  return createHmac('sha256', key).update(head).update(body).digest('base64');
}

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;

/** The format of a secret, as the end of "must be …". */
export const SECRET_FORMAT = `"${PREFIX}" and ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes in base64`;

/**
 * Returns the key of a secret, according to Standard Webhooks ("Signature scheme"), or `undefined` if it is not valid.
 */
export function decodeSecret(secret: unknown): Buffer | undefined {
  if (typeof secret !== 'string' || !secret.startsWith(PREFIX)) return undefined;
  const text = secret.slice(PREFIX.length);
  if (!BASE64.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  // Node.js ignores invalid characters, so only a string that is encoded to itself is valid base64.
  const isWhole = withoutPadding(key.toString('base64')) === withoutPadding(text);
  return isWhole && key.length >= MIN_KEY_BYTES && key.length <= MAX_KEY_BYTES ? key : undefined;
}

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/, '');
}
