/** How an API delivers its requests: what the OpenAPI fields of its document cannot say. */
export interface DeliveryTerms {
  /** How long one attempt may take, in ms. */
  readonly timeout: number;
  /** The wait after each failed attempt, in ms. */
  readonly schedule: readonly number[];
  /** The random part of each wait: 0.2 means ±20 %. */
  readonly jitter: number;
}

/** The extension that holds the terms: `withCallbacks()` writes it, `receiverDocument()` reads it. */
const EXTENSION = 'x-callback-deliveries';

export function withTerms<T extends object>(document: T, terms: DeliveryTerms | undefined): T {
  return terms === undefined ? document : { ...document, [EXTENSION]: terms };
}

/** Returns the terms in a document, or `undefined` if it has none that can be read. */
export function termsOf(document: object): DeliveryTerms | undefined {
  const { [EXTENSION]: terms }: { readonly [EXTENSION]?: Partial<DeliveryTerms> | null } = document;
  const { timeout, schedule, jitter } = terms ?? {};
  const isKnown = typeof timeout === 'number' && Array.isArray(schedule) && typeof jitter === 'number';
  return isKnown ? { timeout, schedule: schedule.filter((wait) => typeof wait === 'number'), jitter } : undefined;
}
