import { isObject } from '../expression/json-object.js';
import type { ProblemList } from '../errors/problem-list.js';
import { foldGraph } from '../openapi/fold-graph.js';
import { referenceIn } from '../openapi/resolve-reference.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import { isToKeptComponent } from './reachable-components.js';

/** How many objects a reference may be replaced by: models that hold others twice, again and again, have no end. */
const MAX_OBJECTS = 100_000;

/**
 * A copy of a value in which what it refers to stands in it, unless that is a component: nothing else of the API's
 * document is in the receiver's. A reference that leads nowhere is left as it is.
 */
export function inlineReferences<T extends object>(value: T, resolver: Resolver, problems: ProblemList): T {
  const sizes = new Map<object, number>();

  /** What is written in the place of a value: itself, or what it refers to. */
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

  // A copy has the type of what it is a copy of.
  return foldGraph<object, unknown>(value, childrenOf, copy) as T;
}

const SELF = 'It refers to itself, and only a component can be in another document and do so.';
const TOO_LARGE = `It stands for more than ${MAX_OBJECTS} objects if it is written out, and only a component can be referred to from another document.`;

function notInlined(reference: string, message: string) {
  const fix = 'Move it into `components.schemas`, and refer to that.';
  return { code: 'unknown-reference' as const, place: reference, message, fix };
}
