/**
 * Receivers in a process of their own. Every address of 127.0.0.0/8 is this machine: the third number of the address that
 * is called says how the receiver misbehaves, until the parent process says "recover". Each such message is answered with
 * the numbers that have arrived.
 */
import { createServer } from 'node:http';

const drip = ({ socket }) => {
  socket.write('HTTP/1.1 200 OK\r\nx-drip: ');
  const drops = setInterval(() => socket.write('.'), 50);
  socket.on('close', () => clearInterval(drops));
};

/** By the third number of the address. Names lead to 127.0.0.1, and those whose server is silent lead nowhere. */
const FAULTS = new Map([
  [2, () => undefined],
  [3, drip],
  [4, ({ socket }) => socket.resetAndDestroy()],
]);

const arrived = new Set();
let haveRecovered = false;

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const fault = FAULTS.get(Number(request.socket.localAddress?.split('.')[2]));
  if (fault && !haveRecovered) return fault(request);
  arrived.add(JSON.parse(body).number);
  response.end();
});
process.on('message', (message) => {
  if (message === 'recover') haveRecovered = true;
  process.send([...arrived]);
});
process.on('disconnect', () => process.exit());
server.listen({ port: 0, host: '0.0.0.0', backlog: 4_096 }, () => process.send(server.address().port));
