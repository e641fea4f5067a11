import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import packet from 'dns-packet';
import type { EgressResolver } from '../../libs/callbacks/src/delivery/egress/egress.options.js';

export interface NameServer {
  /** A resolver that asks only this name server. */
  readonly resolver: EgressResolver;
  /** How many questions were asked. */
  readonly questions: () => number;
  close(): Promise<void>;
}

/**
 * A real DNS server on loopback. It gives the answers one after the other, then repeats the last one. Without answers
 * it stays silent.
 */
export async function startNameServer(...answers: readonly string[][]): Promise<NameServer> {
  let asked = 0;
  const socket = createSocket('udp4');
  socket.on('message', (message, peer) => {
    const { id, questions = [] } = packet.decode(message);
    const addresses = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (!addresses) return;
    const name = questions[0]?.name ?? '';
    const records = addresses.map((data) => ({ type: 'A' as const, name, ttl: 0, data }));
    const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE;
    const reply = packet.encode({
      type: 'response',
      ...(id === undefined ? {} : { id }),
      flags,
      questions,
      answers: records,
    });
    socket.send(reply, peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    resolver: (hostname) => resolver.resolve4(hostname),
    questions: () => asked,
    async close() {
      resolver.cancel();
      socket.close();
      await once(socket, 'close');
    },
  };
}
