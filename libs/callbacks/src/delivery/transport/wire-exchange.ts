import type { Agent, Dispatcher } from 'undici';
import type { HttpReply, HttpRequest } from '../../message/http-message.js';
import { startDeadline } from '../deadline.js';
import { WireLimitError } from '../egress/guarded-connection.js';
import type { GuardedDispatchOptions } from '../egress/guarded-connection.js';
import { encodingOf, tooLargeIssue, wireLimit } from './decode-reply.js';
import { connectionFault, deliveryError, tooLargeError } from './delivery-failure.js';
import type { AbortListenable } from './transport.js';

/** The limits of one attempt. */
export interface AttemptLimits {
  /** From the name lookup to the last byte of the reply, in ms. */
  readonly timeout: number;
  /** The most bytes of the reply's body, after decompression. */
  readonly maxReplyBytes: number;
  /** Ends it early. */
  readonly signal: AbortListenable | undefined;
}

/**
 * Sends a request and collects the bytes of its reply, within the limits.
 *
 * @param url - the checked URL of the request.
 */
export function exchangeOnWire(
  agent: Agent,
  url: URL,
  request: HttpRequest,
  limits: AttemptLimits,
): Promise<HttpReply<Buffer>> {
  return new Promise((resolve, reject) => {
    new WireExchange(url, request, limits, resolve, reject).start(agent);
  });
}

/**
 * One exchange with a deadline. undici's own timeouts restart with each byte, and it cannot abort a request that still
 * waits for its connection. So the deadline settles the promise first, and then aborts the exchange.
 */
class WireExchange implements Dispatcher.DispatchHandler {
  readonly #stopDeadline: () => void;
  #ended: AbortController | undefined;
  readonly #body = new ByteCollector();
  #controller: Dispatcher.DispatchController | undefined;
  #failure: Error | undefined;
  #head: Omit<HttpReply, 'body'> | undefined;
  #limit = 0;

  constructor(
    private readonly url: URL,
    private readonly request: HttpRequest,
    private readonly limits: AttemptLimits,
    private readonly resolve: (reply: HttpReply<Buffer>) => void,
    private readonly reject: (error: Error) => void,
  ) {
    this.#stopDeadline = startDeadline(limits.timeout, () => this.#timeOut());
  }

  start(agent: Agent): void {
    const { method, headers, body = null } = this.request;
    const { signal } = this.limits;
    if (signal?.aborted) return this.#abort();
    signal?.addEventListener?.('abort', this.#abort);
    const target = { origin: this.url.origin, path: this.url.pathname + this.url.search };
    const options: GuardedDispatchOptions = { ...target, method, headers, body, ended: () => this.#endSignal() };
    agent.dispatch(options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure) controller.abort(this.#failure);
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: HttpReply['headers']): void {
    // A 1xx response precedes the reply.
    if (statusCode < 200) return;
    this.#head = { statusCode, headers };
    this.#limit = wireLimit(encodingOf(this.#head), this.limits.maxReplyBytes);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    // One byte beyond the limit shows that it is exceeded.
    this.#body.add(chunk, this.#limit + 1 - this.#body.length);
    if (this.#body.length > this.#limit) this.#failBySize();
  }

  onResponseEnd(): void {
    if (!this.#head || this.#failure) return;
    this.#settle();
    this.resolve({ ...this.#head, body: this.#body.bytes() });
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    if (error instanceof WireLimitError) this.#failBySize();
    else this.#fail(error, `is not complete: ${connectionFault(error)}`);
  }

  readonly #abort = (): void => {
    this.#fail(deliveryError(this.request, 'it was aborted', { reason: 'request' }));
  };

  #timeOut(): void {
    const what = `there was no reply within ${this.limits.timeout} ms`;
    const error = deliveryError(this.request, what, { reason: 'timeout' });
    this.#fail(error, `is not complete after ${this.limits.timeout} ms`);
  }

  #failBySize(): void {
    const { maxReplyBytes } = this.limits;
    this.#fail(tooLargeError(this.request, maxReplyBytes), tooLargeIssue(maxReplyBytes));
  }

  /**
   * Only the first failure counts: undici then reports the abort of the connection as another one.
   *
   * @param bodyIssue - the issue of the body, if the status is known. The reply is then valid despite its body.
   */
  #fail(error: Error, bodyIssue?: string): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#settle();
    if (this.#head && bodyIssue !== undefined) {
      this.resolve({ ...this.#head, body: this.#body.bytes(), bodyIssue });
    } else this.reject(error);
    this.#controller?.abort(error);
    this.#ended?.abort();
  }

  /** Created only for a pending connection: an open one does not need it. */
  #endSignal(): AbortSignal {
    this.#ended ??= new AbortController();
    if (this.#failure) this.#ended.abort();
    return this.#ended.signal;
  }

  #settle(): void {
    this.#stopDeadline();
    this.limits.signal?.removeEventListener?.('abort', this.#abort);
  }
}

/**
 * Copies bytes to its own buffer. undici passes views of its socket buffers, so keeping one byte of a chunk would keep
 * 64 KiB.
 */
class ByteCollector {
  #buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Takes at most the first `most` bytes of a chunk. */
  add(chunk: Uint8Array, most: number): void {
    const taken = chunk.subarray(0, Math.max(0, most));
    const length = this.#length + taken.length;
    if (length > this.#buffer.length) {
      // The size doubles each time, so that many small chunks do not cause many copies.
      const grown = Buffer.allocUnsafeSlow(this.#length === 0 ? length : Math.max(length, 2 * this.#buffer.length));
      this.bytes().copy(grown);
      this.#buffer = grown;
    }
    this.#buffer.set(taken, this.#length);
    this.#length = length;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}
