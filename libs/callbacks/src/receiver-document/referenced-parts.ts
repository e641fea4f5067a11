import type { OpenAPIObject } from '@nestjs/swagger';
import { valueAtPointer, isObject } from '../expression/json.js';
import type { JsonObject } from '../expression/json.js';
import type { ComponentsObject, SchemaObject } from '../openapi/openapi-types.js';
import { discriminatorTargets, referenceIn, tokensOf } from '../openapi/resolve-reference.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import type { ProblemList } from '../errors/callback-problem.js';
import { foldGraph } from '../openapi/fold-graph.js';
import { groupBy } from './group-by.js';

/** Components that become paths of the receiver's document. */
const WRITTEN_AS_PATHS = new Set(['callbacks', 'pathItems']);

/** Whether a reference leads to a component that the receiver's document keeps. */
function isToKeptComponent(reference: string): boolean {
  return isKept(tokensOf(reference) ?? []);
}

/**
 * Returns the components that an object needs, directly or through other components: by a reference, a discriminator,
 * or the name of a security scheme.
 */
export function reachableComponents(root: object, document: OpenAPIObject, resolver: Resolver): ComponentsObject {
  const sections = (document.components ?? {}) as Readonly<Record<string, JsonObject>>;
  const schemas = sections['schemas'] ?? {};
  const heirs = heirsOf(schemas, resolver);
  const reached = new Set<unknown>([root]);

  function reach(tokens: readonly string[] | undefined): void {
    // A reference to a part of a component needs the whole component.
    if (tokens) reached.add(valueAtPointer(document, isKept(tokens) ? tokens.slice(0, 3) : tokens));
  }

  // Iterating over a Set includes values that are added on the way.
  for (const value of reached) {
    if (!isObject(value)) continue;
    const { discriminator, security }: { discriminator?: unknown; security?: unknown } = value;
    const reference = referenceIn(value);
    for (const target of [...(reference === undefined ? [] : [reference]), ...discriminatorTargets(value)])
      reach(tokensOf(target));
    if (isObject(discriminator)) heirs.get(value)?.forEach(({ name }) => reach(['components', 'schemas', name]));
    for (const requirement of Array.isArray(security) ? (security as object[]) : []) {
      Object.keys(requirement).forEach((name) => reach(['components', 'securitySchemes', name]));
    }
    for (const member of Object.values(value)) reached.add(member);
  }
  return pickReached(sections, reached);
}

function isKept([root, section]: readonly string[]): boolean {
  return root === 'components' && section !== undefined && !WRITTEN_AS_PATHS.has(section);
}

function pickReached(sections: Readonly<Record<string, JsonObject>>, reached: ReadonlySet<unknown>): ComponentsObject {
  const picked = Object.entries(sections).map(([section, entries]) => {
    const needed = Object.entries(entries).filter(([, component]) => reached.has(component));
    return [section, Object.fromEntries(needed)] as const;
  });
  // Selected components still form a Components Object.
  return Object.fromEntries(picked.filter(([, entries]) => Object.keys(entries).length > 0)) as ComponentsObject;
}

/** Returns the models that extend each model. A model with a discriminator needs them without a reference. */
function heirsOf(schemas: JsonObject, resolver: Resolver): Map<unknown, { name: string }[]> {
  const heirs = Object.entries(schemas).flatMap(([name, schema]) => {
    const { allOf = [] } = (schema ?? {}) as SchemaObject;
    return allOf.flatMap(({ $ref }) => ($ref === undefined ? [] : { name, parent: resolver.valueAt($ref) }));
  });
  return groupBy(heirs, ({ parent }) => parent);
}

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
