import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Type } from '@nestjs/common';
import type { OperationName } from '../metadata/callback-metadata.js';
import type { EgressOptions } from '../delivery/egress/egress.options.js';
import { answerRequest } from './answer-request.js';
import type { ReceiverState } from './answer-request.js';
import { assertOperation, readExpectations } from './callback-receiver.options.js';
import type { CallbackReceiverOptions } from './callback-receiver.options.js';
import { resetInsteadOfReply, resetMidReply, drip, failure, silence, Script } from './script.js';
import type { Fault, DripOptions, FailureOptions, FaultOptions, ReplyOptions, ResetOptions } from './script.js';
import { Inbox } from './inbox.js';
import type { ArgumentsOf, ReceivedCallback, RefusedRequest, ReplyOf } from './inbox.js';

/**
 * A receiver of callbacks or webhooks for tests: a real HTTP server on loopback. It checks requests against the class
 * that documents them, sends scripted replies, and returns the arguments of the sender.
 *
 * Requests that are not callbacks of the class are answered with 404, requests without a valid signature with 401, and
 * requests that do not match the class with 400 and the JSON body `{ message, issues: [{ path, message }] }`.
 * `refused()` lists all of them, and so does the error of `next()`.
 *
 * @example
 * await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
 * receiver.replyWith('invoiceNotification', { ok: true });
 * const urls = { invoiceNotification: `${receiver.url}/invoices/2expen51ve` };
 * await callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event);
 * const { args } = await receiver.next('invoiceNotification');
 * console.log(args[0].paid);
 */
export class CallbackReceiver<T extends object> implements AsyncDisposable {
  readonly #state: ReceiverState;
  readonly #server: LoopbackServer;

  private constructor(state: ReceiverState, server: LoopbackServer) {
    this.#state = state;
    this.#server = server;
  }

  /**
   * Starts a receiver on a free port of loopback.
   *
   * @param callbacks - a class with `@CallbackController()` or `@WebhookController()`.
   * @throws TypeError if the class or an option is wrong.
   */
  static async listen<T extends object>(
    callbacks: Type<T>,
    options: CallbackReceiverOptions<T> = {},
  ): Promise<CallbackReceiver<T>> {
    const state: ReceiverState = {
      expectations: readExpectations(callbacks, options),
      inbox: new Inbox(),
      refused: [],
      faults: new Script(),
      replies: new Script(),
      defaultReplies: new Map(),
    };
    const server = await listenOnLoopback(
      (request, response) => void answerRequest(state, server.url, request, response),
      options.tls,
    );
    return new CallbackReceiver<T>(state, server);
  }

  /**
   * Returns the option `egress` of `CallbacksModule.forRoot()` that allows callbacks to several receivers.
   *
   * @example
   * await using first = await CallbackReceiver.listen(InvoiceCallbacks);
   * await using second = await CallbackReceiver.listen(InvoiceWebhooks);
   * CallbacksModule.forRoot({ egress: CallbackReceiver.egressOf(first, second) });
   */
  static egressOf(...receivers: readonly { readonly egress: EgressOptions }[]): EgressOptions {
    if (receivers.length === 0)
      throw new TypeError(
        'The arguments of egressOf() must be receivers. Fix: CallbackReceiver.egressOf(first, second).',
      );
    const all = receivers.map(({ egress }) => egress);
    return {
      allow: [...new Set(all.flatMap(({ allow = [] }) => allow))],
      ports: all.flatMap(({ ports = [] }) => ports),
      http: all.some(({ http }) => http),
    };
  }

  /** The URL of the receiver, without a path: `http://127.0.0.1:49152`. You may append any path. */
  get url(): string {
    return this.#server.url;
  }

  /**
   * The option `egress` of `CallbacksModule.forRoot()` that allows callbacks to this receiver. Use `egressOf()` for
   * several.
   */
  get egress(): EgressOptions {
    return { allow: ['127.0.0.1'], ports: [this.#server.port], http: this.#server.url.startsWith('http:') };
  }

  /**
   * Scripts the reply to a callback: a string is sent as text, anything else as JSON. It applies until you script
   * another one. Until then, a callback that documents a reply is answered with 501, and any other one with its
   * documented status and an empty body.
   *
   * @param body - the declared return value of the handler; anything with `{ unchecked: true }`.
   */
  replyWith<Name extends OperationName<T>>(
    name: Name,
    body: ReplyOf<T, Name>,
    options?: ReplyOptions & { unchecked?: false },
  ): void;
  replyWith(name: OperationName<T>, body: unknown, options: ReplyOptions & { unchecked: true }): void;
  replyWith(name: string, body: unknown, options: ReplyOptions = {}): void {
    const { statusCode, headers, times, unchecked = false } = options;
    if (statusCode !== undefined && !(statusCode >= 200 && statusCode <= 299)) {
      throw new TypeError('The status of replyWith() must be from 200 to 299. Fix: use failWith() for other statuses.');
    }
    assertOperation(this.#state.expectations.contract, name);
    const reply = { body, statusCode, headers, unchecked };
    if (times === undefined) this.#state.defaultReplies.set(name, reply);
    else this.#state.replies.add(reply, times, [name]);
  }

  /**
   * Scripts a failure: the next callback is answered with the status, and no scripted reply is used up. Faults of all
   * kinds come before replies, in the order of scripting. They apply only to valid callbacks.
   *
   * @param statusCode - 300 to 599.
   */
  failWith(statusCode: number, options: FailureOptions<T> = {}): void {
    const { retryAfter, headers, body } = options;
    const retry = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
    this.#addFault(failure({ statusCode, headers: { ...retry, ...headers }, body }), options);
  }

  /** Scripts a hanging receiver: the next callback is read and never answered. */
  hang(options: FaultOptions<T> = {}): void {
    this.#addFault(silence, options);
  }

  /** Scripts a broken connection: it is reset instead of answering the next callback. */
  reset(options: ResetOptions<T> = {}): void {
    this.#addFault(options.midReply ? resetMidReply : resetInsteadOfReply, options);
  }

  /** Scripts a reply that begins, continues byte by byte, and never ends. */
  drip(options: DripOptions<T> = {}): void {
    this.#addFault(drip(options.interval ?? 20), options);
  }

  /**
   * Takes the oldest callback that was not taken yet, or waits for one. This includes callbacks that were answered with
   * a fault: every attempt of a delivery is a separate callback, with its own `statusCode`.
   *
   * @param options - `timeout`: how long to wait, in ms; 5 seconds by default.
   * @throws Error after that time. It lists what was received instead, and why it was rejected.
   */
  next<Name extends OperationName<T>>(
    name: Name,
    { timeout = 5_000 }: { timeout?: number } = {},
  ): Promise<ReceivedCallback<ArgumentsOf<T, Name>>> {
    assertOperation(this.#state.expectations.contract, name);
    // The arguments were read with the decorators of this handler.
    return this.#state.inbox.take(name, timeout) as Promise<ReceivedCallback<ArgumentsOf<T, Name>>>;
  }

  /** Returns all valid callbacks so far, taken or not, in the order in which they were answered. */
  received<Name extends OperationName<T>>(name: Name): ReceivedCallback<ArgumentsOf<T, Name>>[] {
    assertOperation(this.#state.expectations.contract, name);
    // Their arguments were read by the decorators of this method.
    return this.#state.inbox.all(name) as ReceivedCallback<ArgumentsOf<T, Name>>[];
  }

  /** Returns all rejected requests so far, with the reasons. */
  refused(): RefusedRequest[] {
    return [...this.#state.refused];
  }

  /** Closes the receiver and all its connections, including hanging ones. A pending `next()` rejects. */
  async close(): Promise<void> {
    this.#state.inbox.close();
    await this.#server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #addFault(fault: Fault, { times = 1, only }: FaultOptions<T>): void {
    for (const name of only ?? []) assertOperation(this.#state.expectations.contract, name);
    this.#state.faults.add(fault, times, only);
  }
}

/** A server that only this machine can reach. */
interface LoopbackServer {
  readonly port: number;
  /** The URL without a path: `http://127.0.0.1:49152`. */
  readonly url: string;
  /** Closes the server with all its connections, including those that wait for an answer. */
  close(): Promise<void>;
}

/** Listens on a free port of loopback, with HTTPS if there is a certificate in PEM. */
async function listenOnLoopback(
  listener: RequestListener,
  tls: { readonly key: string; readonly cert: string } | undefined,
): Promise<LoopbackServer> {
  const server = tls ? createTlsServer({ ...tls }, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
