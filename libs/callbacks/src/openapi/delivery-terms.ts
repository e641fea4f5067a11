/** What holds of the requests that an API sends, and what its document says nowhere else. */
export interface DeliveryTerms {
  /** How long one attempt may take, in ms. */
  readonly timeout: number;
  /** How long after each failed attempt the next one is made, in ms. */
  readonly schedule: readonly number[];
  /** By how much each of these waits is longer or shorter at random, as a part of it. */
  readonly jitter: number;
}

/** The extension of a document that holds its terms: `withCallbacks()` writes it, `receiverDocument()` reads it. */
const EXTENSION = 'x-callback-deliveries';

export function withTerms<T extends object>(document: T, terms: DeliveryTerms | undefined): T {
  return terms === undefined ? document : { ...document, [EXTENSION]: terms };
}

/** The terms that a document has; `undefined` if it has none that can be read. */
export function termsOf(document: object): DeliveryTerms | undefined {
  const { [EXTENSION]: terms }: { readonly [EXTENSION]?: Partial<DeliveryTerms> | null } = document;
  const { timeout, schedule, jitter } = terms ?? {};
  const isKnown = typeof timeout === 'number' && Array.isArray(schedule) && typeof jitter === 'number';
  return isKnown ? { timeout, schedule: schedule.filter((wait) => typeof wait === 'number'), jitter } : undefined;
}
