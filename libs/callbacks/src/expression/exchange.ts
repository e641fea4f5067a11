/** The request that your API received, as an expression sees it. */
export interface ExchangeRequest {
  /** The HTTP method, as `POST`. */
  readonly method?: string;
  /** The whole URL of the request, as the caller wrote it: absolute where the host is known. */
  readonly url?: string;
  /** Header fields; names in any case. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Query parameters, decoded. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** Path parameters, decoded. */
  readonly path?: Readonly<Record<string, unknown>>;
  /** The body, parsed. */
  readonly body?: unknown;
}

/** The response that your API gave, as an expression sees it. */
export interface ExchangeResponse {
  /** The HTTP status code. */
  readonly statusCode?: number;
  /** Header fields; names in any case. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** The body, before it is serialised. */
  readonly body?: unknown;
}

/** One request to your API and, where it is known already, its response: what runtime expressions are read from. */
export interface Exchange {
  readonly request: ExchangeRequest;
  readonly response?: ExchangeResponse;
}
