import type { OpenAPIObject } from '@nestjs/swagger';
import { isJsonObject, isObject, parseJsonPointer, valueAtPointer } from '../expression/json.js';
import type { DiscriminatorObject, Referable } from './openapi-types.js';

const MODEL_NAME = /^[\w.-]+$/;

/** Follows the references of one document, each once. */
export class Resolver {
  readonly #targets = new Map<string, unknown>();

  constructor(readonly document: Pick<OpenAPIObject, 'components' | 'security'>) {}

  /**
   * Returns the value itself, or the target of a Reference Object, through any number of references. A reference that
   * is dangling, circular, or to another document gives `undefined`.
   */
  resolve<T extends object>(value: Referable<T> | undefined): T | undefined {
    const reference = referenceIn(value);
    const target = reference === undefined ? value : this.target(reference);
    // The specification: the target of a reference is of the type that the reference replaces.
    return isObject(target) ? (target as T) : undefined;
  }

  /** Returns the value that a reference names, which can be a reference itself: a schema may have other fields too. */
  valueAt(reference: string): unknown {
    const tokens = tokensOf(reference);
    return tokens && valueAtPointer(this.document, tokens);
  }

  /** Returns the target of a reference, of any type, through any number of references. */
  target(reference: string): unknown {
    const passed = new Set<string>();
    let target: unknown;
    for (let next: string | undefined = reference; next !== undefined; next = referenceIn(target)) {
      const isLoop = passed.has(next);
      passed.add(next);
      target = isLoop ? undefined : this.#targets.has(next) ? this.#targets.get(next) : this.valueAt(next);
    }
    passed.forEach((one) => this.#targets.set(one, target));
    return target;
  }
}

/** Returns the `$ref` of a Reference Object. */
export function referenceIn(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { $ref }: { readonly $ref?: unknown } = value;
  return typeof $ref === 'string' ? $ref : undefined;
}

/** Returns the references in the discriminator of a schema, which names models by references or by their names alone. */
export function discriminatorTargets({ discriminator }: { readonly discriminator?: unknown }): string[] {
  if (!isJsonObject(discriminator)) return [];
  const { mapping, defaultMapping }: DiscriminatorObject = discriminator;
  const targets: unknown[] = [...Object.values(mapping ?? {}), defaultMapping];
  return targets
    .filter((target) => typeof target === 'string')
    .map((target) => (MODEL_NAME.test(target) ? `#/components/schemas/${target}` : target));
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
