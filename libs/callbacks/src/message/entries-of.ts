import { isJsonObject } from '../expression/json.js';

/**
 * Returns the properties of an object, or `undefined` for anything else: the keys of arrays and strings are not names.
 */
export function entriesOf(value: unknown): [string, unknown][] | undefined {
  return isJsonObject(value) ? Object.entries(value) : undefined;
}
