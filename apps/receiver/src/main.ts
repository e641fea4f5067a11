import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/**
 * The external developer's server. It does not use Nest or nestjs-callbacks, only the documentation of the invoices API
 * and the agreed secret.
 */
const webhook = new Webhook(process.env['WEBHOOK_SECRET'] ?? 'whsec_ZGV2ZWxvcG1lbnQtb25seS1zZWNyZXQtMTIz');
/** Callbacks are sent to /events. Requests to /rehearsal are answered in the same way, but need no signature. */
const PATH = /^\/(events|rehearsal)\/invoices\/([^/?]+)$/;

const server = createServer((request, response) => {
  receive(request, response).catch((error: unknown) => reply(response, 500, { message: String(error) }));
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  allowBrowsers(response);
  if (request.method === 'OPTIONS') return void response.writeHead(204).end();
  const [, folder, id] = PATH.exec(request.url ?? '') ?? [];
  if (request.method !== 'POST' || id === undefined) return reply(response, 404, { message: 'Not found.' });
  // The signature covers the raw bytes, so they are read before they are parsed.
  const body = await readBody(request);
  try {
    if (folder === 'events') webhook.verify(body, request.headers as Record<string, string>);
  } catch (error) {
    console.log(`Refused ${request.method} ${request.url}: ${String(error)}`);
    return reply(response, 401, { message: 'The signature is wrong.' });
  }
  const event = JSON.parse(body) as { description: string; paid: boolean };
  console.log(`Received ${request.method} ${request.url}${folder === 'events' ? ' with a valid signature' : ''}:`);
  console.log(`  invoice ${decodeURIComponent(id)}: ${event.description}, ${event.paid ? 'paid' : 'not paid'}`);
  return reply(response, 200, { ok: true });
}

/** Allows Swagger UI on another origin to call this server ("Try it out"). */
function allowBrowsers(response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', '*');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

server.listen(Number(process.env['RECEIVER_PORT'] ?? 3001), () => {
  console.log(`The receiver listens on http://localhost:${(server.address() as AddressInfo).port}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
