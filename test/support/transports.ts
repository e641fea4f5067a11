import type { RequestListener } from 'node:http';
import { CallbackDeliveryError } from '../../libs/callbacks/src/errors/callback.errors.js';
import type { EgressOptions } from '../../libs/callbacks/src/delivery/egress/egress.options.js';
import { createEgressPolicy } from '../../libs/callbacks/src/delivery/egress/egress.options.js';
import { LazyTransport } from '../../libs/callbacks/src/delivery/transport/lazy-transport.js';
import type { LazyTransportOptions } from '../../libs/callbacks/src/delivery/transport/lazy-transport.js';
import type { Transport } from '../../libs/callbacks/src/delivery/transport/transport.js';
import type { HttpRequest } from '../../libs/callbacks/src/message/http-message.js';
import { closing } from './closing.js';
import { failure } from './failure.js';
import { startReceiver } from './start-receiver.js';
import type { Receiver } from './start-receiver.js';

/** The options of a transport, with those of its policy in place of the policy. */
export type GivenOptions = Omit<LazyTransportOptions, 'policy'> & { egress?: EgressOptions };

/** A transport as the runtime makes it. */
export const transportOf = ({ egress, ...options }: GivenOptions): Promise<Transport> =>
  closing(new LazyTransport({ ...options, policy: createEgressPolicy(egress) })).load();

/** One that may call these ports on loopback. */
export const transportTo = (ports: number[], options: GivenOptions = {}): Promise<Transport> =>
  transportOf({ ...options, egress: { allow: ['127.0.0.1'], ports, http: true, ...options.egress } });

/** A receiver, and a request that is sent to it. */
export async function receiverThat(reply: RequestListener, options?: GivenOptions) {
  const receiver = closing(await startReceiver(reply));
  const transport = await transportTo([receiver.port], options);
  const send = (request: Partial<HttpRequest> = {}) =>
    transport.send({ method: 'POST', url: `${receiver.url}/`, headers: {}, body: '{}', ...request });
  return { receiver, transport, send };
}

export const failureOf = (sending: Promise<unknown>) => failure(sending, CallbackDeliveryError);

export const ok: RequestListener = (_, response) => response.end('ok');

export const closed = (receiver: Receiver) =>
  Promise.all(
    receiver.connections.map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))),
  );
