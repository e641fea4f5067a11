/** `:id`, `:id?`, `:id(\\d+)` or `*path`, as a whole path segment or as the value of a query parameter. */
const PARAMETER = /(?<=[/=])(?<sign>[:*])(?<name>[A-Za-z_$][\w$]*)?(?:\([^)]*\))?[?+*]?(?=[/?&#]|$)/g;
const EXPRESSION = /\{[^}]*\}/g;

/** A path parameter in the syntax of Nest's routes. */
export interface NestParameter {
  /** As written: `:id`. */
  readonly text: string;
  readonly name: string;
}

/**
 * Finds path parameters in the syntax of Nest's routes. A callback would be sent to a URL that contains them literally.
 * A colon within a segment (`items:batchGet`) is not a parameter.
 */
export function nestParametersOf(url: string): NestParameter[] {
  const matches = [...`/${url.replace(EXPRESSION, '{}')}`.matchAll(PARAMETER)];
  return matches
    .filter(({ groups }) => groups?.['sign'] === '*' || groups?.['name'] !== undefined)
    .map(({ 0: text, groups }) => ({ text, name: groups?.['name'] ?? 'path' }));
}

/** Returns what to write instead of such parameters. */
export function fixOfNestParameters([first, ...others]: readonly [NestParameter, ...NestParameter[]]): string {
  const { text, name } = first;
  const also = others.length === 0 ? '' : ` Do the same for ${others.map((other) => other.text).join(', ')}.`;
  const literal = text.replace(':', '%3A').replace('*', '%2A');
  return `Replace ${text} with a value that the receiver knows: {$request.body#/${name}}, {$request.path.${name}}, {$request.query.${name}} or {$response.body#/${name}}.${also} A literal ${text} is written ${literal}.`;
}
