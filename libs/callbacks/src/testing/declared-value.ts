/** Parameters of a query or a form, by name: a string, or an array of strings for a repeated name. */
export function readTexts(parameters: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(parameters.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const [first = '', ...others] = parameters.getAll(name);
      return [name, others.length === 0 ? first : [first, ...others]];
    }),
  );
}

/**
 * Converts a string to its declared type. A string that cannot be converted is returned unchanged, for a check to
 * reject.
 */
export function valueOfText(type: unknown, text: unknown): unknown {
  if (type === Array) return text === undefined ? text : [text].flat();
  if (typeof text !== 'string') return text;
  if (type === Number) return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (type === Boolean) return text === 'true' || (text === 'false' ? false : text);
  if (type === Date) return Number.isNaN(Date.parse(text)) ? text : new Date(text);
  return text;
}

/** Returns what a value must be if it does not have its declared type. Only built-in types are checked. */
export function whyNotOfType(type: unknown, value: unknown): string | undefined {
  if (type === String && typeof value !== 'string') return 'must be a string';
  if (type === Number && typeof value !== 'number') return 'must be a number';
  if (type === Boolean && typeof value !== 'boolean') return 'must be true or false';
  if (type === Array && !Array.isArray(value)) return 'must be an array';
  if (type === Buffer && !Buffer.isBuffer(value)) return 'must be bytes';
  if (type === Date && !(value instanceof Date)) return 'must be a date';
  return undefined;
}
