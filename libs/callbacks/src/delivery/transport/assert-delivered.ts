import { parseRetryAfter } from '../retry/parse-retry-after.js';
import { deliveryError } from './delivery-failure.js';
import type { RequestTarget } from './delivery-failure.js';
import { replyExcerpt } from './reply-excerpt.js';
import type { TransportReply } from './transport.js';

/**
 * Lets a reply of 2xx pass.
 *
 * @throws CallbackDeliveryError with the status and the first 1 KiB of any other reply.
 */
export function assertDelivered(reply: TransportReply, request: RequestTarget): void {
  const { statusCode, headers, body } = reply;
  if (statusCode >= 200 && statusCode < 300) return;
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const what = `the receiver replied ${statusCode}${isRedirect ? ', and redirects are not followed' : ''}`;
  throw deliveryError(request, what, {
    reason: 'status',
    statusCode,
    replyExcerpt: replyExcerpt(body),
    retryAfter: parseRetryAfter(headers['retry-after'], Date.now()),
  });
}
