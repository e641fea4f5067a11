/** Sends to receivers that flood: `node --expose-gc flooded-replies.js COUNT`. It prints how many MB the memory grew. */
import { createServer } from 'node:net';
import { startApp, finish, NumberCallbacks } from './app.js';

const count = Number(process.argv[2]);
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n';

async function startFlood(more) {
  const part = Buffer.from(more);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      const next = () => void (socket.destroyed || socket.write(part, next));
      socket.write(HEAD, next);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

const floods = {
  extensions: await startFlood(`1;${'a'.repeat(65_536)}\r\nX\r\n`),
  oneByteChunks: await startFlood('1\r\nX\r\n'.repeat(10_000)),
};
const callbacks = await startApp(Object.values(floods), { timeout: 60_000 });
const found = {};
for (const [name, port] of Object.entries(floods)) {
  const send = () => callbacks.send(NumberCallbacks, { numbered: `http://127.0.0.1:${port}/` }).numbered({});
  await send().catch(() => {});
  globalThis.gc();
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 10);
  const ended = await Promise.allSettled(Array.from({ length: count }, send));
  clearInterval(watch);
  const codes = [...new Set(ended.map(({ reason }) => reason?.code))];
  found[name] = { grewMegabytes: Math.round((most - before) / 1e6), codes };
}
finish(found);
