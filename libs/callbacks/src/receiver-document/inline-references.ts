import type { OpenAPIObject } from '@nestjs/swagger';
import type { ProblemList } from '../errors/problem-list.js';
import { referenceIn, resolveReference, tokensOf } from '../openapi/resolve-reference.js';
import { isKeptComponent } from './is-kept-component.js';

/**
 * A copy of a value in which what it refers to stands in it, unless that is a component: nothing else of the API's
 * document is in the receiver's. A reference that leads nowhere is left as it is.
 */
export function inlineReferences<T>(value: T, document: OpenAPIObject, problems: ProblemList): T {
  function copy(original: unknown, within: readonly string[]): unknown {
    if (typeof original !== 'object' || original === null) return original;
    if (Array.isArray(original)) return original.map((item) => copy(item, within));
    const reference = referenceIn(original);
    const isKept = reference === undefined || isKeptComponent(tokensOf(reference) ?? []);
    const target = isKept ? undefined : resolveReference(original, document);
    if (reference !== undefined && target !== undefined) {
      if (!within.includes(reference)) return copy(target, [...within, reference]);
      problems.add(selfReference(reference));
    }
    return Object.fromEntries(Object.entries(original).map(([name, member]) => [name, copy(member, within)]));
  }

  // A copy has the type of what it is a copy of.
  return copy(value, []) as T;
}

function selfReference(reference: string) {
  return {
    code: 'unknown-reference' as const,
    place: reference,
    message: 'It refers to itself, and only a component can be in another document and do so.',
    fix: 'Move it into `components.schemas`, and refer to that.',
  };
}
