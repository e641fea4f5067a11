import { createHash } from 'node:crypto';
import type { CallbackRequest } from '../message/render-request.js';

/**
 * Returns the digest of a request. Two deliveries with one key are the same delivery only if their digests are equal.
 */
export function digestOf({ method, url, body }: CallbackRequest): string {
  // JSON separates the parts unambiguously.
  return createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest('base64url');
}
