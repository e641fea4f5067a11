import { createHash } from 'node:crypto';
import type { CallbackRequest } from '../message/render-request.js';

/** The digest of a request: two deliveries of one key are the same delivery only if they send the same. */
export function digestOf({ method, url, body }: CallbackRequest): string {
  // JSON keeps apart what a plain join would run together.
  return createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest('base64url');
}
