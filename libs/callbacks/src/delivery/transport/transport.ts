import type { HttpReply, HttpRequest } from '../../message/http-message.js';
import type { SignedDelivery } from '../signing/signing-options.js';

/** How long one attempt may take if no option says so, in ms. */
export const DEFAULT_TIMEOUT = 15_000;

/** What is needed of an `AbortSignal`; axios promises no more. */
export interface AbortListenable {
  readonly aborted: boolean;
  addEventListener?: ((type: 'abort', listener: () => void) => unknown) | undefined;
  removeEventListener?: ((type: 'abort', listener: () => void) => unknown) | undefined;
}

/** What a transport is told of an attempt beside its request. */
export interface AttemptOptions {
  /** Aborted once nobody waits for the reply any more: what is not sent by then must not be sent. */
  readonly signal?: AbortListenable | undefined;
  /** How long it may take, in ms, if that is not what the transport was made with. */
  readonly timeout?: number | undefined;
  /** The delivery that is attempted, for the interceptors of the app. */
  readonly delivery?: SignedDelivery | undefined;
}

/** Sends requests to receivers, one attempt each. */
export interface Transport {
  /**
   * Sends a request and reads the whole reply. A reply of any status is a reply, and so is one whose body is too large,
   * breaks off or does not end: the status says what the receiver did. Redirects are not followed.
   *
   * @throws CallbackUrlError if the URL cannot be used, or leads to an address that is not allowed.
   * @throws CallbackDeliveryError if no status came, or not in time.
   */
  send(request: HttpRequest, options?: AttemptOptions): Promise<HttpReply>;

  /** The address that a host, as `www.external.org:8443`, was connected at last, if that is known. */
  addressOf(host: string): string | undefined;

  /** Closes the connections, as soon as the requests that are on their way have ended. Nothing can be sent after it. */
  close(): Promise<void>;
}
