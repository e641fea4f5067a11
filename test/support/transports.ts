import type { RequestListener } from 'node:http';
import { CallbackDeliveryError } from '../../libs/callbacks/src/errors/callback-delivery.error.js';
import { createTransport } from '../../libs/callbacks/src/delivery/transport/axios-transport.js';
import type { TransportOptions } from '../../libs/callbacks/src/delivery/transport/axios-transport.js';
import type { Transport, TransportRequest } from '../../libs/callbacks/src/delivery/transport/transport.js';
import { closing } from './closing.js';
import { failure } from './failure.js';
import { startReceiver } from './start-receiver.js';
import type { Receiver } from './start-receiver.js';

export const transportTo = (ports: number[], options: TransportOptions = {}): Transport =>
  closing(createTransport({ ...options, egress: { allow: ['127.0.0.1'], ports, http: true } }));

/** A receiver, and a request that is sent to it. */
export async function receiverThat(reply: RequestListener, options?: TransportOptions) {
  const receiver = closing(await startReceiver(reply));
  const transport = transportTo([receiver.port], options);
  const send = (request: Partial<TransportRequest> = {}) =>
    transport.send({ method: 'POST', url: `${receiver.url}/`, headers: {}, body: '{}', ...request });
  return { receiver, transport, send };
}

export const failureOf = (sending: Promise<unknown>) => failure(sending, CallbackDeliveryError);

export const ok: RequestListener = (_, response) => response.end('ok');

export const closed = (receiver: Receiver) =>
  Promise.all(
    receiver.connections.map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))),
  );
