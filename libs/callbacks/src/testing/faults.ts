import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { encodeReply, writeReply } from './write-reply.js';
import type { ReplyToWrite } from './write-reply.js';

/** A fault instead of a reply. */
export interface Fault {
  /** The status that the sender gets, if any. */
  readonly statusCode?: number;
  play(response: ServerResponse): void | Promise<void>;
}

/** Answers with an error status. */
export function failure(reply: ReplyToWrite): Fault {
  const { statusCode } = reply;
  if (!Number.isInteger(statusCode) || statusCode < 300 || statusCode > 599) {
    throw new TypeError('The status of failWith() must be from 300 to 599. Fix: use replyWith() for a success.');
  }
  return { statusCode, play: async (response) => writeReply(response, await encodeReply(reply)) };
}

/** Never answers. */
export const silence: Fault = { play: () => undefined };

/** Resets the connection instead of answering. */
export const resetInsteadOfReply: Fault = { play: resetConnection };

/** Resets the connection in the middle of a reply. */
export const resetMidReply: Fault = {
  statusCode: 200,
  play(response) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_024 });
    response.write('{', () => resetConnection(response));
  },
};

/** Begins a JSON reply, adds a space at each interval, in ms, and never ends. */
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
  // A TLS socket cannot be reset, because it has no TCP handle.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}
