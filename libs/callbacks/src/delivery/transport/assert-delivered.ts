import type { HttpReply } from '../../message/http-message.js';
import { parseRetryAfter } from '../retry/parse-retry-after.js';
import { deliveryError } from './delivery-failure.js';
import type { RequestTarget } from './delivery-failure.js';
import { replyExcerpt } from './reply-excerpt.js';

/** A 300 is not a redirect: it offers a choice. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Accepts a 2xx reply.
 *
 * @throws CallbackDeliveryError with the status and the first 1 KiB of any other reply.
 */
export function assertDelivered(reply: HttpReply, request: RequestTarget): void {
  const { statusCode, headers, body } = reply;
  if (statusCode >= 200 && statusCode < 300) return;
  const what = `the receiver replied ${statusCode}${commentOn(statusCode)}`;
  throw deliveryError(request, what, {
    reason: 'status',
    statusCode,
    replyExcerpt: replyExcerpt(body),
    retryAfter: parseRetryAfter(headers['retry-after'], Date.now()),
  });
}

function commentOn(statusCode: number): string {
  if (REDIRECTS.has(statusCode)) return ', and redirects are not followed';
  // Receivers may send it with good intentions for a callback that they know already.
  return statusCode === 304 ? ' (Not Modified), which does not mean that it accepted the callback: only 2xx does' : '';
}
