import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { OperationName } from '../metadata/callback-metadata.js';
import { encodeReply, writeReply } from './wire-messages.js';
import type { ReplyToWrite } from './wire-messages.js';

/** The options of a scripted reply. */
export interface ReplyOptions {
  /**
   * The status of the reply: 200 to 299.
   *
   * @default the documented one
   */
  statusCode?: number;
  /** Header fields of the reply. */
  headers?: Readonly<Record<string, string>>;
  /**
   * The number of callbacks that get this reply. Such replies come first, in the order of scripting. A reply without
   * `times` is for all other callbacks, until it is replaced.
   *
   * @default all callbacks
   */
  times?: number;
  /**
   * `true` if the reply is meant not to match the class: any body is accepted and sent.
   *
   * @default false
   */
  unchecked?: boolean;
}

/** The callbacks that get a fault. */
export interface FaultOptions<T extends object = object> {
  /**
   * The number of callbacks that get it; `Infinity` for all.
   *
   * @default 1
   */
  times?: number;
  /**
   * The handlers whose callbacks get it.
   *
   * @default all of them
   */
  only?: readonly OperationName<T>[];
}

/** The options of a failure. */
export interface FailureOptions<T extends object = object> extends FaultOptions<T> {
  /** The header `Retry-After`, in seconds. */
  retryAfter?: number;
  /** Header fields of the reply. */
  headers?: Readonly<Record<string, string>>;
  /** The body of the reply: a string is sent unchanged, anything else as JSON. */
  body?: unknown;
}

/** When a connection is reset. */
export interface ResetOptions<T extends object = object> extends FaultOptions<T> {
  /**
   * Whether the reply has already begun.
   *
   * @default false
   */
  midReply?: boolean;
}

/** The options of a dripping reply. */
export interface DripOptions<T extends object = object> extends FaultOptions<T> {
  /**
   * The time between two bytes, in ms.
   *
   * @default 20
   */
  interval?: number;
}

/** Scripted steps, taken one by one in order. */
export class Script<Step> {
  readonly #lines: { readonly step: Step; readonly only: readonly string[] | undefined; left: number }[] = [];

  /** @param only - the names of the handlers that the step is for; all if it is absent. */
  add(step: Step, times: number, only?: readonly string[]): void {
    if (!(times === Infinity || (Number.isInteger(times) && times >= 1))) {
      throw new TypeError('The option `times` must be a whole number from 1, or Infinity.');
    }
    this.#lines.push({ step, only, left: times });
  }

  /** Returns the first step for a handler that is not used up. */
  take(methodName: string): Step | undefined {
    const line = this.#lines.find(({ left, only }) => left > 0 && (only === undefined || only.includes(methodName)));
    if (line) line.left -= 1;
    return line?.step;
  }
}

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
