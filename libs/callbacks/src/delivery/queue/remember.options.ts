/** How long a queue remembers deliveries that have ended. */
export interface RememberOptions {
  /**
   * How long a delivered or cancelled delivery is remembered, with its attempts, in ms. Until then, a delivery with the
   * same key, handler and URL is a duplicate and is not sent.
   *
   * @default 604_800_000 (7 days); on Redis 86_400_000 (1 day)
   */
  remember?: number;

  /**
   * How long a failed delivery is kept, with its body and its attempts, in ms.
   *
   * @default 2_592_000_000 (30 days)
   */
  rememberFailed?: number;

  /**
   * Whether the body of a delivered delivery is kept as long as the delivery is remembered, so that `retry()` can send
   * it again. Otherwise it is dropped at once.
   *
   * @default false
   */
  keepBodies?: boolean;
}

/** The options with their defaults. */
export type RememberSettings = Readonly<Required<RememberOptions>>;

export const DAY_MS = 86_400_000;

/** Adds the defaults to valid options. */
export function rememberSettingsOf(
  { remember, rememberFailed, keepBodies }: RememberOptions,
  defaultRemember = 7 * DAY_MS,
): RememberSettings {
  return {
    remember: remember ?? defaultRemember,
    rememberFailed: rememberFailed ?? 30 * DAY_MS,
    keepBodies: keepBodies ?? false,
  };
}

/**
 * Returns what is wrong with the options, as sentences.
 *
 * @param owner - the function with these options, such as `sqliteQueue()`.
 */
export function rememberIssues({ remember, rememberFailed, keepBodies }: RememberOptions, owner: string): string[] {
  const isDuration = (value: unknown) => value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
  return [
    ...Object.entries({ remember, rememberFailed }).flatMap(([name, value]) =>
      isDuration(value) ? [] : [`The \`${name}\` of ${owner} must be a whole number of milliseconds, at least 0.`],
    ),
    ...(keepBodies === undefined || typeof keepBodies === 'boolean'
      ? []
      : [`The \`keepBodies\` of ${owner} must be true or false.`]),
  ];
}
