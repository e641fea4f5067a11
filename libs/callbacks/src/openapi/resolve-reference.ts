import { parseJsonPointer, valueAtPointer } from '../expression/json.js';
import type { Referable } from './openapi-types.js';

/** Follows the references of one document, each of them once. */
export class Resolver {
  readonly #targets = new Map<string, unknown>();

  constructor(readonly document: object) {}

  /**
   * The value itself or, if it is a Reference Object, what that leads to in the document, by way of as many references
   * as it takes. `undefined` if it leads nowhere, in a circle, or to another document.
   */
  resolve<T extends object>(value: Referable<T> | undefined): T | undefined {
    const reference = referenceIn(value);
    const target = reference === undefined ? value : this.target(reference);
    // The specification: what a reference leads to is of the kind that may stand in its place.
    return typeof target === 'object' && target !== null ? (target as T) : undefined;
  }

  /** What a reference leads to, of any kind. */
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

/** The reference of a Reference Object, as a string. */
export function referenceIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { $ref }: { readonly $ref?: unknown } = value;
  return typeof $ref === 'string' ? $ref : undefined;
}

/** The steps from the root of the document to what a reference leads to; `undefined` if it leads elsewhere. */
export function tokensOf(reference: string): string[] | undefined {
  return /^#(?:\/|$)/.test(reference) ? parseJsonPointer(decodeFragment(reference.slice(1))) : undefined;
}

/** A pointer in a URL is percent-encoded; a string that cannot be decoded stands for itself. */
function decodeFragment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
