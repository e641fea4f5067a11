import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { SIGNATURE_HEADERS } from '../contract/signature-headers.js';
import { signDelivery } from '../delivery/signing/sign-delivery.js';

/** The largest difference between a timestamp and now, in seconds, as in the Standard Webhooks libraries. */
const TOLERANCE = 5 * 60;

/**
 * Returns why a request is not signed by one of the secrets, as a sentence, or `undefined` if it is.
 *
 * @param secrets - `whsec_` secrets. One valid signature is enough.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signatureIssue(
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  secrets: readonly string[],
): string | undefined {
  const [id, timestamp, given] = SIGNATURE_HEADERS.map((name) => headers[name]);
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof given !== 'string') {
    return 'The request is not signed: it must have webhook-id, webhook-timestamp and webhook-signature.';
  }
  if (!/^\d+$/.test(timestamp)) return 'The webhook-timestamp must be in whole seconds since 1970.';
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > TOLERANCE) {
    return 'The webhook-timestamp is more than five minutes in the past or the future.';
  }
  try {
    const expected = signDelivery({ id, timestamp: Number(timestamp), body, secrets })['webhook-signature'].split(' ');
    const isSigned = given.split(' ').some((signature) => expected.some((right) => isSame(signature, right)));
    return isSigned ? undefined : 'The webhook-signature does not match any of the secrets.';
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
