import type { HttpReply, HttpRequest } from '../../message/http-message.js';
import type { SignedDelivery } from '../signing.js';

/** The default time limit of one attempt, in ms. */
export const DEFAULT_TIMEOUT_MS = 15_000;

/** The used part of an `AbortSignal`, which is all that axios guarantees. */
export interface AbortListenable {
  readonly aborted: boolean;
  addEventListener?: ((type: 'abort', listener: () => void) => unknown) | undefined;
  removeEventListener?: ((type: 'abort', listener: () => void) => unknown) | undefined;
}

/** The options of an attempt besides its request. */
export interface AttemptOptions {
  /** Aborted once nobody waits for the reply. A request that is not sent by then must not be sent. */
  readonly signal?: AbortListenable | undefined;
  /** The time limit in ms, if it differs from that of the transport. */
  readonly timeout?: number | undefined;
  /** The delivery, for the interceptors of the app. */
  readonly delivery?: SignedDelivery | undefined;
}

/** Sends requests to receivers, one attempt each. */
export interface Transport {
  /**
   * Sends a request and reads the whole reply. It resolves with a reply of any status, even if the body is too large,
   * incomplete or endless, because the status tells the outcome. Redirects are not followed.
   *
   * @throws CallbackUrlError if the URL cannot be used or leads to an address that is not allowed.
   * @throws CallbackDeliveryError if no status arrives in time.
   */
  send(request: HttpRequest, options?: AttemptOptions): Promise<HttpReply>;

  /** Returns the last connected address of a host such as `www.external.org:8443`, if it is known. */
  addressOf(host: string): string | undefined;

  /** Closes the connections once the requests in flight have ended. Nothing can be sent afterwards. */
  close(): Promise<void>;
}
