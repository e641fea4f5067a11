/** Whether a value has properties. An array has properties too. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** An object of JSON: neither an array nor `null`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value) && !Array.isArray(value);
}

/** Parses a JSON pointer (RFC 6901, section 3) into its decoded reference tokens; `''` has none. */
export function parseJsonPointer(text: string): string[] {
  if (text === '') return [];
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Writes reference tokens as a JSON pointer. */
export function printJsonPointer(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Returns the index of the first character that is invalid in a JSON pointer, or -1 if `text` is valid. */
export function jsonPointerFault(text: string): number {
  if (text !== '' && !text.startsWith('/')) return 0;
  return text.search(/~(?![01])/);
}

export const ARRAY_INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * Returns the value that a pointer names in a JSON document (RFC 6901, section 4), or `undefined` if there is none.
 * Only own properties count; `-`, the element after the last one, is never a value.
 */
export function valueAtPointer(document: unknown, tokens: readonly string[]): unknown {
  let value = document;
  for (const token of tokens) {
    if (!isObject(value)) return undefined;
    if (Array.isArray(value) && !ARRAY_INDEX.test(token)) return undefined;
    if (!Object.hasOwn(value, token)) return undefined;
    value = (value as Record<string, unknown>)[token];
  }
  return value;
}
