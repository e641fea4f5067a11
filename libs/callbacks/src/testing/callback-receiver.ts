import type { Type } from '@nestjs/common';
import type { OperationName } from '../metadata/callback-class.js';
import type { EgressOptions } from '../delivery/egress/egress-options.js';
import { answerRequest } from './answer-request.js';
import type { Scene } from './answer-request.js';
import { assertOperation, readLaw } from './callback-receiver.options.js';
import type { CallbackReceiverOptions } from './callback-receiver.options.js';
import { cut, cutMidReply, drip, failure, silence } from './faults.js';
import type { Fault } from './faults.js';
import { Inbox } from './inbox.js';
import { listenOnLoopback } from './listen-on-loopback.js';
import type { LoopbackServer } from './listen-on-loopback.js';
import type { ArgumentsOf, ReceivedCallback, RefusedRequest, ReplyOf } from './received-callback.js';
import { Script } from './script.js';
import type { DripOptions, FailureOptions, FaultOptions, ReplyOptions, ResetOptions } from './script-options.js';

/**
 * A receiver of callbacks or webhooks for tests: a real HTTP server on loopback that checks what arrives against the class that
 * documents it, replies what the test has scripted, and hands over the arguments that the sender gave.
 *
 * What is no callback of the class is answered with 404, what is not signed by the `secret` with 401, and what does not
 * fit with 400 and a JSON body of `{ message, issues: [{ path, message }] }`. All of them are told by `refused()`, and by
 * the error of `next()`.
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
  readonly #scene: Scene;
  readonly #server: LoopbackServer;

  private constructor(scene: Scene, server: LoopbackServer) {
    this.#scene = scene;
    this.#server = server;
  }

  /**
   * Starts a receiver on a free port of loopback.
   *
   * @param callbacks - a class marked by `@CallbackController()` or `@WebhookController()`.
   * @throws TypeError where the class or an option is wrong.
   */
  static async listen<T extends object>(
    callbacks: Type<T>,
    options: CallbackReceiverOptions<T> = {},
  ): Promise<CallbackReceiver<T>> {
    const scene: Scene = {
      law: readLaw(callbacks, options),
      inbox: new Inbox(),
      refused: [],
      faults: new Script(),
      replies: new Script(),
      standingReplies: new Map(),
    };
    const server = await listenOnLoopback(
      (request, response) => void answerRequest(scene, server.url, request, response),
      options.tls,
    );
    return new CallbackReceiver<T>(scene, server);
  }

  /**
   * The option `egress` of `CallbacksModule.forRoot()` that lets callbacks reach several receivers.
   *
   * @example
   * await using first = await CallbackReceiver.listen(InvoiceCallbacks);
   * await using second = await CallbackReceiver.listen(InvoiceWebhooks);
   * CallbacksModule.forRoot({ egress: CallbackReceiver.egressOf(first, second) });
   */
  static egressOf(...receivers: readonly { readonly egress: EgressOptions }[]): EgressOptions {
    if (receivers.length === 0)
      throw new TypeError('egressOf() takes receivers. Fix: CallbackReceiver.egressOf(first, second).');
    const all = receivers.map(({ egress }) => egress);
    return {
      allow: [...new Set(all.flatMap(({ allow = [] }) => allow))],
      ports: all.flatMap(({ ports = [] }) => ports),
      http: all.some(({ http }) => http),
    };
  }

  /** Where it listens, without a path: `http://127.0.0.1:49152`. A callback URL may have any path after it. */
  get url(): string {
    return this.#server.url;
  }

  /** The option of `CallbacksModule.forRoot()` that lets callbacks reach this receiver; `egressOf()` is for several. */
  get egress(): EgressOptions {
    return { allow: ['127.0.0.1'], ports: [this.#server.port], http: this.#server.url.startsWith('http:') };
  }

  /**
   * Scripts the reply to a callback: a string is sent as text, anything else as JSON. It holds until another takes its
   * place. A callback that documents a reply is answered with 501 until one is scripted; any other gets its documented
   * status and an empty body.
   *
   * @param body - what the method is declared to return; anything with `{ unchecked: true }`.
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
      throw new TypeError('replyWith() takes a status from 200 to 299. For another use failWith().');
    }
    assertOperation(this.#scene.law.contract, name);
    const reply = { body, statusCode, headers, unchecked };
    if (times === undefined) this.#scene.standingReplies.set(name, reply);
    else this.#scene.replies.add(reply, times, [name]);
  }

  /**
   * Scripts a failure: the next callback is answered with the status, and no reply is used up. Faults of all kinds come
   * before replies, in the order in which they were scripted, and only to callbacks that are right.
   *
   * @param statusCode - 300 to 599.
   */
  failWith(statusCode: number, options: FailureOptions<T> = {}): void {
    const { retryAfter, headers, body } = options;
    const retry = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
    this.#addFault(failure({ statusCode, headers: { ...retry, ...headers }, body }), options);
  }

  /** Scripts silence: the next callback is read and never answered. */
  hang(options: FaultOptions<T> = {}): void {
    this.#addFault(silence, options);
  }

  /** Scripts a broken connection: it is reset where the next callback should be answered. */
  reset(options: ResetOptions<T> = {}): void {
    this.#addFault(options.midReply ? cutMidReply : cut, options);
  }

  /** Scripts a reply that begins, goes on byte by byte, and never ends. */
  drip(options: DripOptions<T> = {}): void {
    this.#addFault(drip(options.interval ?? 20), options);
  }

  /**
   * Takes the oldest callback that was not taken yet, or waits for one. Those that met a fault are among them: every
   * attempt of a delivery is a callback of its own, with the `statusCode` that it got.
   *
   * @param options - `timeout`: how long to wait, in ms; 5 seconds by default.
   * @throws Error after that time, with what came instead, and why it was refused.
   */
  next<Name extends OperationName<T>>(
    name: Name,
    { timeout = 5_000 }: { timeout?: number } = {},
  ): Promise<ReceivedCallback<ArgumentsOf<T, Name>>> {
    assertOperation(this.#scene.law.contract, name);
    // Its arguments were read by the decorators of this method.
    return this.#scene.inbox.take(name, timeout) as Promise<ReceivedCallback<ArgumentsOf<T, Name>>>;
  }

  /** All callbacks so far that were right, in the order in which they were answered, taken or not. */
  received<Name extends OperationName<T>>(name: Name): ReceivedCallback<ArgumentsOf<T, Name>>[] {
    assertOperation(this.#scene.law.contract, name);
    // Their arguments were read by the decorators of this method.
    return this.#scene.inbox.all(name) as ReceivedCallback<ArgumentsOf<T, Name>>[];
  }

  /** All requests so far that were no callbacks of the class, or wrong ones, and why. */
  refused(): RefusedRequest[] {
    return [...this.#scene.refused];
  }

  /** Closes the receiver and all its connections, those that hang too. Whoever waits for a callback gets an error. */
  async close(): Promise<void> {
    this.#scene.inbox.close();
    await this.#server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #addFault(fault: Fault, { times = 1, only }: FaultOptions<T>): void {
    for (const name of only ?? []) assertOperation(this.#scene.law.contract, name);
    this.#scene.faults.add(fault, times, only);
  }
}
