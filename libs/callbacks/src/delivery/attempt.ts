import { contextOf } from './callback-delivery.js';
import type { CallbackDelivery } from './callback-delivery.js';
import { assertDelivered } from './transport/assert-delivered.js';
import { signDelivery } from './signing/sign-delivery.js';
import { secretsOf } from './signing/signing-options.js';
import type { SigningOptions } from './signing/signing-options.js';
import type { Transport, TransportReply, TransportRequest } from './transport/transport.js';

/**
 * Makes one attempt: signs the delivery, if signing is on, and sends it.
 *
 * @param signal - ends the attempt: what is not sent when it is aborted is never sent.
 * @returns the reply, which is a 2xx.
 * @throws CallbackUrlError where the URL may not be called back.
 * @throws CallbackDeliveryError where no 2xx came.
 */
export async function attemptDelivery(
  delivery: Pick<CallbackDelivery, 'id' | 'callback' | 'key' | 'context' | 'request'>,
  transport: Transport,
  signing: SigningOptions | undefined,
  signal?: AbortSignal,
): Promise<TransportReply> {
  const { request } = delivery;
  const { bodyEncoding, ...sent } = request;
  const bytes = bodyEncoding === undefined ? {} : { body: Buffer.from(sent.body ?? '', bodyEncoding) };
  const signature = signing ? await signatureOf(delivery, { ...sent, ...bytes }, signing) : {};
  const reply = await transport.send({ ...sent, ...bytes, headers: { ...sent.headers, ...signature }, signal });
  assertDelivered(reply, request);
  return reply;
}

async function signatureOf(
  delivery: Parameters<typeof attemptDelivery>[0],
  { url, body = '' }: TransportRequest,
  signing: SigningOptions,
) {
  const { id, callback, key } = delivery;
  const own = { ...(key !== undefined && { key }), ...contextOf(delivery) };
  const secrets = await secretsOf(signing, { id, callback, url, ...own });
  return signDelivery({ id, timestamp: Math.floor(Date.now() / 1_000), body, secrets });
}
