/** Whether a value is a JSON object: not an array and not `null`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value has properties. An array has properties too. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
