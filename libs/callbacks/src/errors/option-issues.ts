/**
 * A check for each option. It returns what the option must be, as the end of a sentence, or `undefined` for a valid
 * value.
 */
export type OptionChecks<Options> = {
  readonly [Name in keyof Required<Options>]: (value: unknown) => string | undefined;
};

/**
 * Returns everything that is wrong with an object of options, as the end of "must be …".
 *
 * @param checks - each returns the end of "an object whose `name` …".
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
 * Returns a sentence about each option that is wrong or does not exist.
 *
 * @param checks - each returns the end of "must be …".
 */
export function optionIssues<Options>(owner: string, options: object, checks: OptionChecks<Options>): string[] {
  const issues = Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    if (!isNameOf(checks, name)) return [];
    const expected = value === undefined ? undefined : checks[name](value);
    return expected === undefined ? [] : [`The option \`${name}\` of ${owner} must be ${expected}.`];
  });
  return [...issues, ...unknownOptions(owner, options, Object.keys(checks))];
}

function isNameOf<Options>(checks: OptionChecks<Options>, name: string): name is keyof Options & string {
  return Object.hasOwn(checks, name);
}

/**
 * Throws one error for all issues of options.
 *
 * @param issues - sentences that name their option.
 * @throws TypeError if there is an issue.
 */
export function throwOptionIssues(owner: string, issues: readonly string[]): void {
  const [first] = issues;
  if (first === undefined) return;
  if (issues.length === 1) throw new TypeError(first);
  const list = issues.map((issue, index) => `${index + 1}. ${issue}`).join('\n');
  throw new TypeError(`${issues.length} options of ${owner} are wrong:\n\n${list}`);
}

/** Returns a sentence about each option that a function does not have. */
export function unknownOptions(owner: string, options: object, names: readonly string[]): string[] {
  return Object.keys(options)
    .filter((name) => !names.includes(name))
    .map((name) => `${owner} has no option \`${name}\`. Its options: ${names.join(', ')}.`);
}
