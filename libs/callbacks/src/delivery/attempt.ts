import type { HttpReply, HttpRequest } from '../message/http-message.js';
import { contextOf } from './callback-delivery.js';
import type { CallbackDelivery } from './callback-delivery.js';
import { signDelivery, secretsOf } from './signing.js';
import type { SignedDelivery, SigningOptions } from './signing.js';
import type { Telemetry } from './telemetry/telemetry.js';
import type { Transport } from './transport/transport.js';
import { deliveryError, replyExcerpt } from './transport/delivery-failure.js';
import type { RequestTarget } from './transport/delivery-failure.js';

/** The part of a delivery that an attempt needs. */
export type AttemptedDelivery = Pick<CallbackDelivery, 'id' | 'callback' | 'key' | 'context' | 'timeout' | 'request'>;

/**
 * Makes one attempt: signs the delivery if signing is on, and sends it.
 *
 * @param signal - ends the attempt. A request that is not sent when it is aborted is never sent.
 * @returns the reply, which is a 2xx.
 * @throws CallbackUrlError if the URL may not be called.
 * @throws CallbackDeliveryError if no 2xx reply arrives.
 */
export async function attemptDelivery(
  attempted: AttemptedDelivery,
  transport: Transport,
  signing: SigningOptions | undefined,
  telemetry: Telemetry,
  signal?: AbortSignal,
): Promise<HttpReply> {
  const { id, callback, key, timeout } = attempted;
  const request = decodeRequest(attempted.request);
  const own = { ...(key !== undefined && { key }), ...contextOf(attempted) };
  const delivery = { id, callback, url: request.url, ...own };
  const signature = signing ? await signatureOf(delivery, request, signing) : {};
  const headers = { ...request.headers, ...signature };
  const reply = await telemetry.request({ ...request, headers }, (sent) =>
    transport.send(sent, { signal, timeout, delivery }),
  );
  assertDelivered(reply, request);
  return reply;
}

function decodeRequest({ bodyEncoding, ...request }: CallbackDelivery['request']): HttpRequest {
  return bodyEncoding === undefined ? request : { ...request, body: Buffer.from(request.body ?? '', bodyEncoding) };
}

async function signatureOf(delivery: SignedDelivery, { body = '' }: HttpRequest, signing: SigningOptions) {
  const secrets = await secretsOf(signing, delivery);
  return signDelivery({ id: delivery.id, timestamp: Math.floor(Date.now() / 1_000), body, secrets });
}

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

/** `Sun, 06 Nov 1994 08:49:37 GMT` and the two obsolete forms that recipients must accept (RFC 9110, section 5.6.7). */
const HTTP_DATE =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

/**
 * Parses a `Retry-After` header, in ms: 0 for a time in the past, `undefined` for a missing or invalid header (RFC
 * 9110, section 10.2.3).
 */
export function parseRetryAfter(value: string | readonly string[] | undefined, now: number): number | undefined {
  const text = (typeof value === 'string' ? value : value?.[0])?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  if (!HTTP_DATE.test(text)) return undefined;
  // The asctime form has no time zone, and is UTC.
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
