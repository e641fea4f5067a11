/** A name server at 127.0.0.1:53 that says of every name that it is 127.0.0.1, and nothing of those that begin with "dead". */
import { createSocket } from 'node:dgram';
import packet from 'dns-packet';

const socket = createSocket('udp4');
socket.on('message', (message, { port, address }) => {
  const { id, questions } = packet.decode(message);
  const [{ name, type }] = questions;
  if (name.startsWith('dead')) return;
  const answers = type === 'A' ? [{ type, name, ttl: 60, data: '127.0.0.1' }] : [];
  const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE;
  socket.send(packet.encode({ type: 'response', id, flags, questions, answers }), port, address);
});
socket.bind(53, '127.0.0.1');
