/** What each option must be: a function that gives the end of a sentence, or `undefined` if the value is that. */
export type OptionChecks<Options> = {
  readonly [Name in keyof Required<Options>]: (value: unknown) => string | undefined;
};

/**
 * Everything that is wrong with an object of options, as the ends of "must be …".
 *
 * @param checks - each says what its option must be, as the end of "an object whose `name` …".
 */
export function nestedOptionsIssue<Options>(value: unknown, checks: OptionChecks<Options>): string | undefined {
  const names = Object.keys(checks).join(', ');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `an object: { ${names} }`;
  const issues = Object.entries(value).flatMap(([name, option]) => {
    if (!isNameOf(checks, name)) return [`an object of ${names}: it has no \`${name}\``];
    const expected = option === undefined ? undefined : checks[name](option);
    return expected === undefined ? [] : [`an object whose \`${name}\` ${expected}`];
  });
  return issues.length === 0 ? undefined : issues.join(', and ');
}

/**
 * Sentences about the options of a function that are wrong, and about those that it does not have.
 *
 * @param checks - each says what its option must be, as the end of "must be …".
 */
export function optionIssues<Options>(owner: string, options: object, checks: OptionChecks<Options>): string[] {
  const issues = Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    if (!isNameOf(checks, name)) return [];
    const expected = value === undefined ? undefined : checks[name](value);
    return expected === undefined ? [] : [`The option \`${name}\` of ${owner} must be ${expected}.`];
  });
  return [...issues, ...unknownOptions(owner, options, Object.keys(checks))];
}

/** Whether there is an option of a name. */
function isNameOf<Options>(checks: OptionChecks<Options>, name: string): name is keyof Options & string {
  return Object.hasOwn(checks, name);
}

/**
 * Throws everything that is wrong with options at once.
 *
 * @param issues - sentences, each of which names its option.
 * @throws TypeError if there is one.
 */
export function throwOptionIssues(owner: string, issues: readonly string[]): void {
  const [first] = issues;
  if (first === undefined) return;
  if (issues.length === 1) throw new TypeError(first);
  const list = issues.map((issue, index) => `${index + 1}. ${issue}`).join('\n');
  throw new TypeError(`${issues.length} options of ${owner} are wrong:\n\n${list}`);
}

/** Sentences about options that a function does not have. */
export function unknownOptions(owner: string, options: object, names: readonly string[]): string[] {
  return Object.keys(options)
    .filter((name) => !names.includes(name))
    .map((name) => `${owner} has no option \`${name}\`. Its options: ${names.join(', ')}.`);
}
