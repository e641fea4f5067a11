import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import packet from 'dns-packet';
import { eventually } from './eventually.js';

/** What a name server says of a name: addresses, a failure, or nothing at all. */
type Records = readonly string[] | 'silent' | 'SERVFAIL';

/** The names that a name server knows. */
export type Zone = Readonly<Record<string, { readonly A?: Records; readonly AAAA?: Records }>>;

/** A real name server on loopback for both families. A name that it does not know does not exist. */
export async function startZone(zone: Zone) {
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, peer) => {
    const { id, questions: asked = [] } = packet.decode(message);
    const { name = '', type = 'A' } = asked[0] ?? {};
    questions.push(name);
    const known = Object.hasOwn(zone, name) ? zone[name] : undefined;
    const records = type === 'A' || type === 'AAAA' ? (known?.[type] ?? []) : [];
    if (records === 'silent') return;
    const isFailure = records === 'SERVFAIL';
    // The codes of RFC 1035, 4.1.1: 2 is a failure of the server, 3 a name that does not exist.
    const code = isFailure ? 2 : known ? 0 : 3;
    const answers = isFailure ? [] : records.map((data) => ({ type: type as 'A', name, ttl: 0, data }));
    const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | code;
    socket.send(
      packet.encode({ type: 'response', id: id ?? 0, flags, questions: asked, answers }),
      peer.port,
      peer.address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions: questions as readonly string[],
    /** Waits until so many questions were asked. */
    asked: (count: number) =>
      eventually(() => {
        if (questions.length < count) throw new Error(`${questions.length} of ${count} questions were asked.`);
      }),
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
}
