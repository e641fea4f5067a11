import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** The external developer's server, which replies `{ "ok": true }` to whatever comes. */
export async function startReceiver() {
  const received: { path: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      received.push({ path: request.url, body: text });
      response.setHeader('content-type', 'application/json').end('{"ok":true}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const egress = { allow: ['127.0.0.1'], ports: [port], http: true };
  return { received, port, egress, close: () => void server.close().closeAllConnections() };
}
