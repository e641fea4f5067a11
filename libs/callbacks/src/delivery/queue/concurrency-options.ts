/** How many deliveries this process has in flight at once. */
export interface ConcurrencyOptions {
  /**
   * In all. With 0 this process accepts deliveries and leaves the sending to others.
   *
   * @default 100
   */
  total?: number;

  /**
   * To one host, so that one that hangs does not hold up the others.
   *
   * @default 10
   */
  perHost?: number;
}

/** The limits, complete. */
export type Concurrency = Readonly<Required<ConcurrencyOptions>>;

export function concurrencyOf({ total = 100, perHost = 10 }: ConcurrencyOptions = {}): Concurrency {
  return { total, perHost };
}

/** Says what `concurrency` has to be, as the end of "has to be …", or `undefined` where it is that. */
export function checkConcurrencyOptions(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'an object: { total, perHost }';
  const { total, perHost, ...strangers } = value as Record<string, unknown>;
  const [stranger] = Object.keys(strangers);
  if (stranger !== undefined) return `an object of total and perHost: it has no \`${stranger}\``;
  if (total !== undefined && !isWhole(total, 0)) return 'an object whose `total` is a whole number, at least 0';
  if (perHost !== undefined && !isWhole(perHost, 1)) return 'an object whose `perHost` is a whole number, at least 1';
  return undefined;
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
