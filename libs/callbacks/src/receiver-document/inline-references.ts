import type { ProblemList } from '../errors/problem-list.js';
import { foldGraph } from '../openapi/fold-graph.js';
import { referenceIn } from '../openapi/resolve-reference.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import { isToKeptComponent } from './reachable-components.js';

/**
 * A copy of a value in which what it refers to stands in it, unless that is a component: nothing else of the API's
 * document is in the receiver's. A reference that leads nowhere is left as it is.
 */
export function inlineReferences<T extends object>(value: T, resolver: Resolver, problems: ProblemList): T {
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
    const target = written(original);
    const copied = isObject(target) ? copyOf(target) : target;
    if (target !== original && copied !== undefined) return copied;
    if (target !== original) problems.add(selfReference(referenceIn(original) ?? ''));
    const member = (child: unknown) => (isObject(child) ? (copyOf(child) ?? child) : child);
    if (Array.isArray(original)) return original.map(member);
    return Object.fromEntries(Object.entries(original).map(([name, child]) => [name, member(child)]));
  }

  // A copy has the type of what it is a copy of.
  return foldGraph<object, unknown>(value, childrenOf, copy) as T;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function selfReference(reference: string) {
  return {
    code: 'unknown-reference' as const,
    place: reference,
    message: 'It refers to itself, and only a component can be in another document and do so.',
    fix: 'Move it into `components.schemas`, and refer to that.',
  };
}
