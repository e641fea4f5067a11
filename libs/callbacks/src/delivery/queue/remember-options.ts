/** For how long a queue knows what has ended. */
export interface RememberOptions {
  /**
   * For how long a delivered or cancelled delivery is known, with its attempts, in ms. A delivery of the same key, handler
   * and URL is a duplicate meanwhile, and is not sent again.
   *
   * @default 604_800_000, 7 days; 86_400_000, a day, on Redis
   */
  remember?: number;

  /**
   * For how long a failed delivery is kept, with its body and its attempts, in ms.
   *
   * @default 2_592_000_000, 30 days
   */
  rememberFailed?: number;

  /**
   * Whether the body of a delivered delivery is kept as long as the delivery is known: `retry()` needs it to send it
   * again. Otherwise it is dropped at once.
   *
   * @default false
   */
  keepBodies?: boolean;
}

/** The options, complete. */
export type RememberSettings = Readonly<Required<RememberOptions>>;

const DAY = 86_400_000;

/** Completes the options of a queue, which are right. */
export function rememberSettingsOf(
  { remember, rememberFailed, keepBodies }: RememberOptions,
  defaultRemember = 7 * DAY,
): RememberSettings {
  return {
    remember: remember ?? defaultRemember,
    rememberFailed: rememberFailed ?? 30 * DAY,
    keepBodies: keepBodies ?? false,
  };
}

/**
 * What is wrong with them, as sentences.
 *
 * @param owner - the function that they were given to, as `sqliteQueue()`.
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
