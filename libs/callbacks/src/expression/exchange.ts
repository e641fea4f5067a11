/** The request that your API received, as expressions read it. */
export interface ExchangeRequest {
  /** The HTTP method, such as `POST`. */
  readonly method?: string;
  /** The whole URL of the request, as the client wrote it: absolute if the host is known. */
  readonly url?: string;
  /** Header fields; the case of names does not matter. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Query parameters, decoded. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** Path parameters, decoded. */
  readonly path?: Readonly<Record<string, unknown>>;
  /** The body, parsed. */
  readonly body?: unknown;
}

/** The response that your API gave, as expressions read it. */
export interface ExchangeResponse {
  /** The HTTP status code. */
  readonly statusCode?: number;
  /** Header fields; the case of names does not matter. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** The body, before it is serialised. */
  readonly body?: unknown;
}

/** One request to your API and, if it is already known, its response. Runtime expressions read their values from it. */
export interface Exchange {
  readonly request: ExchangeRequest;
  readonly response?: ExchangeResponse;
}
