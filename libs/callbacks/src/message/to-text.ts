/** Writes a value without quotes, for queries, headers, forms and text bodies. */
export function toText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
