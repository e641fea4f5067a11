import type { Agent, Dispatcher } from 'undici';
import { startDeadline } from '../start-deadline.js';
import { WireLimitError } from '../egress/guarded-connection.js';
import type { GuardedDispatchOptions } from '../egress/guarded-connection.js';
import { ByteCollector } from './byte-collector.js';
import { tooLargeIssue, wireLimit } from './decode-reply.js';
import { connectionFault, deliveryError, tooLargeError } from './delivery-failure.js';
import { encodingOf } from './wire-reply.js';
import type { WireReply } from './wire-reply.js';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string | string[]>;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortListenable | undefined;
}

/** What is needed of an `AbortSignal`; axios promises no more. */
export interface AbortListenable {
  readonly aborted: boolean;
  addEventListener?: ((type: 'abort', listener: () => void) => unknown) | undefined;
  removeEventListener?: ((type: 'abort', listener: () => void) => unknown) | undefined;
}

/** The limits of one attempt. */
export interface AttemptLimits {
  /** From the name look-up to the last byte of the reply, in ms. */
  readonly timeout: number;
  /** Bytes of the reply's body, decompressed. */
  readonly maxReplyBytes: number;
}

/** Sends a request and collects the bytes of its reply, within the limits. */
export function exchangeOnWire(agent: Agent, request: WireRequest, limits: AttemptLimits): Promise<WireReply> {
  return new Promise((resolve, reject) => {
    new WireExchange(request, limits, resolve, reject).start(agent);
  });
}

/**
 * One exchange. undici's own timeouts begin anew with each byte, and it cannot abort a request that still waits for
 * its connection: the deadline here ends the promise first, and then all that the exchange holds.
 */
class WireExchange implements Dispatcher.DispatchHandler {
  readonly #stopDeadline: () => void;
  readonly #ended = new AbortController();
  readonly #body = new ByteCollector();
  #controller: Dispatcher.DispatchController | undefined;
  #failure: Error | undefined;
  #head: Omit<WireReply, 'bytes'> | undefined;
  #limit = 0;

  constructor(
    private readonly request: WireRequest,
    private readonly limits: AttemptLimits,
    private readonly resolve: (reply: WireReply) => void,
    private readonly reject: (error: Error) => void,
  ) {
    this.#stopDeadline = startDeadline(limits.timeout, () => this.#timeOut());
  }

  start(agent: Agent): void {
    const { method, url, headers, body, signal } = this.request;
    if (signal?.aborted) return this.#abort();
    signal?.addEventListener?.('abort', this.#abort);
    const target = { origin: url.origin, path: url.pathname + url.search };
    const options: GuardedDispatchOptions = { ...target, method, headers, body, ended: this.#ended.signal };
    agent.dispatch(options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure) controller.abort(this.#failure);
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: WireReply['headers']): void {
    // 1xx announces a reply, and is none.
    if (statusCode < 200) return;
    this.#head = { statusCode, headers };
    this.#limit = wireLimit(encodingOf(this.#head), this.limits.maxReplyBytes);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    // One byte beyond the limit says that it is reached.
    this.#body.add(chunk, this.#limit + 1 - this.#body.length);
    if (this.#body.length > this.#limit) this.#failBySize();
  }

  onResponseEnd(): void {
    if (!this.#head || this.#failure) return;
    this.#settle();
    this.resolve({ ...this.#head, bytes: this.#body.bytes() });
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    if (error instanceof WireLimitError) this.#failBySize();
    else this.#fail(error, `is not complete: ${connectionFault(error)}`);
  }

  readonly #abort = (): void => {
    this.#fail(deliveryError(this.#target, 'it was aborted', { reason: 'request' }));
  };

  #timeOut(): void {
    const what = `there was no reply within ${this.limits.timeout} ms`;
    const error = deliveryError(this.#target, what, { reason: 'timeout' });
    this.#fail(error, `is not complete after ${this.limits.timeout} ms`);
  }

  #failBySize(): void {
    const { maxReplyBytes } = this.limits;
    this.#fail(tooLargeError(this.#target, maxReplyBytes), tooLargeIssue(maxReplyBytes));
  }

  /**
   * The first failure is the one that counts; undici then reports the abort of the connection as another.
   *
   * @param bodyIssue - what it means for the body, if the status is known: that stands whatever becomes of the body.
   */
  #fail(error: Error, bodyIssue?: string): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#settle();
    if (this.#head && bodyIssue !== undefined) {
      this.resolve({ ...this.#head, bytes: this.#body.bytes(), bodyIssue });
    } else this.reject(error);
    this.#controller?.abort(error);
    this.#ended.abort();
  }

  #settle(): void {
    this.#stopDeadline();
    this.request.signal?.removeEventListener?.('abort', this.#abort);
  }

  get #target(): { method: string; url: string } {
    return { method: this.request.method, url: this.request.url.origin };
  }
}
