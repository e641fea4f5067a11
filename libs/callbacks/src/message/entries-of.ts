import { isJsonObject } from '../expression/json-object.js';

/** The values of an object by their names, or `undefined` where it has none: an array has places, a text characters. */
export function entriesOf(value: unknown): [string, unknown][] | undefined {
  return isJsonObject(value) ? Object.entries(value) : undefined;
}
