import { parseJsonPointer, valueAtPointer } from '../expression/json.js';
import type { Referable } from './openapi-types.js';

/** Follows the references of one document, each once. */
export class Resolver {
  readonly #targets = new Map<string, unknown>();

  constructor(readonly document: object) {}

  /**
   * Returns the value itself, or the target of a Reference Object, through any number of references. A reference that
   * is dangling, circular, or to another document gives `undefined`.
   */
  resolve<T extends object>(value: Referable<T> | undefined): T | undefined {
    const reference = referenceIn(value);
    const target = reference === undefined ? value : this.target(reference);
    // The specification: the target of a reference is of the type that the reference replaces.
    return typeof target === 'object' && target !== null ? (target as T) : undefined;
  }

  /** Returns the target of a reference, of any type. */
  target(reference: string): unknown {
    const passed = new Set<string>();
    let target: unknown;
    for (let next: string | undefined = reference; next !== undefined; next = referenceIn(target)) {
      const tokens = passed.has(next) ? undefined : tokensOf(next);
      passed.add(next);
      target = this.#targets.has(next) ? this.#targets.get(next) : tokens && valueAtPointer(this.document, tokens);
    }
    passed.forEach((one) => this.#targets.set(one, target));
    return target;
  }
}

/** Returns the `$ref` of a Reference Object. */
export function referenceIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { $ref }: { readonly $ref?: unknown } = value;
  return typeof $ref === 'string' ? $ref : undefined;
}

/** Returns the steps from the root of the document to the target of a reference, or `undefined` if it is elsewhere. */
export function tokensOf(reference: string): string[] | undefined {
  return /^#(?:\/|$)/.test(reference) ? parseJsonPointer(decodeFragment(reference.slice(1))) : undefined;
}

/** Decodes the pointer in a URL. A string that cannot be decoded is returned unchanged. */
function decodeFragment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
