/** An object as JSON has it: not an array, and not `null`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value has properties: an array has, too. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
