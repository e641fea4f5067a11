import type { HttpReply, HttpRequest } from '../message/http-message.js';
import { contextOf } from './callback-delivery.js';
import type { CallbackDelivery } from './callback-delivery.js';
import { assertDelivered } from './transport/assert-delivered.js';
import { signDelivery } from './signing/sign-delivery.js';
import { secretsOf } from './signing/signing-options.js';
import type { SignedDelivery, SigningOptions } from './signing/signing-options.js';
import type { Telemetry } from './telemetry/telemetry.js';
import type { Transport } from './transport/transport.js';

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
  const request = requestOf(attempted.request);
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

function requestOf({ bodyEncoding, ...request }: CallbackDelivery['request']): HttpRequest {
  return bodyEncoding === undefined ? request : { ...request, body: Buffer.from(request.body ?? '', bodyEncoding) };
}

async function signatureOf(delivery: SignedDelivery, { body = '' }: HttpRequest, signing: SigningOptions) {
  const secrets = await secretsOf(signing, delivery);
  return signDelivery({ id: delivery.id, timestamp: Math.floor(Date.now() / 1_000), body, secrets });
}
