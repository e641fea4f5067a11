import { isObject } from '../expression/json.js';
import type { ProblemList } from '../errors/callback-problem.js';
import { foldGraph } from '../openapi/fold-graph.js';
import { referenceIn } from '../openapi/resolve-reference.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import { isToKeptComponent } from './reachable-components.js';

/** The most objects that may replace a reference: nested models that use others twice grow exponentially. */
const MAX_OBJECTS = 100_000;

/**
 * Copies a value and replaces its references by their targets, except references to components: only components are in
 * both documents. A dangling reference is not changed.
 */
export function inlineReferences<T extends object>(value: T, resolver: Resolver, problems: ProblemList): T {
  const sizes = new Map<object, number>();

  /** Returns the value itself, or the target that replaces it. */
  function written(original: unknown): unknown {
    const reference = referenceIn(original);
    if (reference === undefined || isToKeptComponent(reference)) return original;
    return resolver.target(reference) ?? original;
  }

  function childrenOf(original: object): object[] {
    const target = written(original);
    const children: unknown[] = target === original ? Object.values(original) : [target];
    return children.filter(isObject);
  }

  function copy(original: object, copyOf: (child: object) => unknown): unknown {
    const size = childrenOf(original).reduce((sum, child) => sum + (sizes.get(child) ?? 0), 1);
    sizes.set(original, size);
    const target = written(original);
    if (target !== original) {
      const copied = isObject(target) ? copyOf(target) : target;
      if (copied !== undefined && size <= MAX_OBJECTS) return copied;
      problems.add(notInlined(referenceIn(original) ?? '', copied === undefined ? SELF : TOO_LARGE));
      sizes.set(original, 1);
      return { ...original };
    }
    const member = (child: unknown) => (isObject(child) ? (copyOf(child) ?? child) : child);
    if (Array.isArray(original)) return original.map(member);
    return Object.fromEntries(Object.entries(original).map(([name, child]) => [name, member(child)]));
  }

  // A copy has the type of the original.
  return foldGraph<object, unknown>(value, childrenOf, copy) as T;
}

const SELF = 'It refers to itself, which only a component of the receiver document can do.';
const TOO_LARGE = `It would be replaced by more than ${MAX_OBJECTS} objects. Only components can be referred to from the receiver document.`;

function notInlined(reference: string, message: string) {
  const fix = 'Move it to `components.schemas`, and refer to it there.';
  return { code: 'unknown-reference' as const, place: reference, message, fix };
}
