/** How long one attempt may take where no option says so, in ms. */
export const DEFAULT_TIMEOUT = 15_000;

/** One HTTP request, as it is to be sent. */
export interface TransportRequest {
  /** The HTTP method, as `POST`. */
  readonly method: string;
  /** The absolute URL. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes of the body; a string is sent as UTF-8. */
  readonly body?: string | Uint8Array;
  /** Aborted once nobody waits for the reply any more: what is not sent by then must not be sent. */
  readonly signal?: AbortSignal | undefined;
}

/** What the receiver replied, whatever its status. */
export interface TransportReply {
  readonly statusCode: number;
  /** Header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The body, decompressed and read as UTF-8; empty where there is none. */
  readonly body: string;
  /** Why the body is not whole, or cannot be read: the end of "the body ...". `body` is what was read of it then. */
  readonly bodyIssue?: string;
}

/** Sends requests to receivers, one attempt each. */
export interface Transport {
  /**
   * Sends a request and reads the whole reply. A reply of any status is a reply, and so is one whose body is too large,
   * breaks off or does not end: the status says what the receiver did. Redirects are not followed.
   *
   * @throws CallbackUrlError where the URL cannot be used, or leads to an address that is not allowed.
   * @throws CallbackDeliveryError where no status came, or not in time.
   */
  send(request: TransportRequest): Promise<TransportReply>;

  /** The address that a host, as `www.external.org:8443`, was connected at last, if that is known. */
  addressOf(host: string): string | undefined;

  /** Closes the connections, as soon as the requests that are on their way have ended. Nothing can be sent after it. */
  close(): Promise<void>;
}
