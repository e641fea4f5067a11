import { parseJsonPointer, valueAtPointer } from '../expression/json-pointer.js';

/**
 * The value itself or, where it is a Reference Object, what that leads to in the document, by way of as many
 * references as it takes. `undefined` where it leads nowhere, in a circle, or to another document.
 */
export function resolveReference(value: unknown, document: object): unknown {
  const seen = new Set<string>();
  let resolved = value;
  for (let $ref = referenceIn(resolved); $ref !== undefined; $ref = referenceIn(resolved)) {
    const tokens = tokensOf($ref);
    if (tokens === undefined || seen.has($ref)) return undefined;
    seen.add($ref);
    resolved = valueAtPointer(document, tokens);
  }
  return resolved;
}

/** The text of the reference that a value is, if it is one. */
export function referenceIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { $ref } = value as { $ref?: unknown };
  return typeof $ref === 'string' ? $ref : undefined;
}

/** The steps from the root of the document to what a reference leads to; `undefined` where it leads elsewhere. */
export function tokensOf(reference: string): string[] | undefined {
  return /^#(?:\/|$)/.test(reference) ? parseJsonPointer(decodeFragment(reference.slice(1))) : undefined;
}

/** A pointer in a URL is percent-encoded; a text that is no encoding of anything stands for itself. */
function decodeFragment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
