/** A receiver that replies `{"ok":true}` to everything. It sends its port to its parent, and ends with it. */
import { createServer } from 'node:http';

const REPLY = JSON.stringify({ ok: true });
const HEADERS = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(REPLY)) };

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, HEADERS).end(REPLY));
});
server.keepAliveTimeout = 30_000;
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
