/**
 * A name server on loopback that says of every name that it is 127.0.0.1, and nothing of those that begin with "dead":
 * `node name-server.js [PORT]`, 53 if none is given. It tells its parent process which port it has, or prints it, and answers
 * of all names once that process says "recover".
 */
import { createSocket } from 'node:dgram';
import packet from 'dns-packet';

let isSilent = true;
process.on('message', () => (isSilent = false));
process.on('disconnect', () => process.exit());
const socket = createSocket('udp4');
socket.on('message', (message, { port, address }) => {
  const { id, questions } = packet.decode(message);
  const [{ name, type }] = questions;
  if (isSilent && name.startsWith('dead')) return;
  const answers = type === 'A' ? [{ type, name, ttl: 60, data: '127.0.0.1' }] : [];
  const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE;
  socket.send(packet.encode({ type: 'response', id, flags, questions, answers }), port, address);
});
const tell = (port) => (process.send ? process.send(port) : console.log(port));
socket.bind(Number(process.argv[2] ?? 53), '127.0.0.1', () => tell(socket.address().port));
