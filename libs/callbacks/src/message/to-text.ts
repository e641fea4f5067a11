/** The text of a value that has no quotes around it, as queries, headers, forms and text bodies have them. */
export function toText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
