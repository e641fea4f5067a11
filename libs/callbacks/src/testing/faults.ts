import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { encodeReply, writeReply } from './write-reply.js';
import type { ReplyToWrite } from './write-reply.js';

/** Something that goes wrong in place of a reply. */
export interface Fault {
  /** The status that the sender gets to see, if any. */
  readonly statusCode?: number;
  play(response: ServerResponse): void | Promise<void>;
}

/** Answers with a status that is no success. */
export function failure(reply: ReplyToWrite): Fault {
  const { statusCode } = reply;
  if (!Number.isInteger(statusCode) || statusCode < 300 || statusCode > 599) {
    throw new TypeError('failWith() takes a status from 300 to 599. For a success use replyWith().');
  }
  return { statusCode, play: async (response) => writeReply(response, await encodeReply(reply)) };
}

/** Never answers. */
export const silence: Fault = { play: () => undefined };

/** Resets the connection instead of an answer. */
export const cut: Fault = { play: resetConnection };

/** Resets the connection in the middle of a reply. */
export const cutMidReply: Fault = {
  statusCode: 200,
  play(response) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_024 });
    response.write('{', () => resetConnection(response));
  },
};

/** Begins a reply, adds a space of JSON at each interval, in ms, and never comes to its end. */
export function drip(interval: number): Fault {
  return {
    statusCode: 200,
    play(response) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(' ');
      const timer = setInterval(() => response.write(' '), interval);
      response.on('close', () => clearInterval(timer));
    },
  };
}

function resetConnection({ socket }: ServerResponse): void {
  // A TLS socket has no TCP handle of its own to reset.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}
