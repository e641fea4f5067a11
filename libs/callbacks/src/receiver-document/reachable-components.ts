import type { OpenAPIObject } from '@nestjs/swagger';
import { valueAtPointer } from '../expression/json.js';
import type { JsonObject } from '../expression/json.js';
import type { ComponentsObject, DiscriminatorObject, SchemaObject } from '../openapi/openapi-types.js';
import { referenceIn, tokensOf } from '../openapi/resolve-reference.js';
import type { Resolver } from '../openapi/resolve-reference.js';

/** Components that become paths of the receiver's document. */
const WRITTEN_AS_PATHS = new Set(['callbacks', 'pathItems']);

/** Whether a reference leads to a component that the receiver's document keeps. */
export function isToKeptComponent(reference: string): boolean {
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
    if (typeof value !== 'object' || value === null) continue;
    const { discriminator, security }: { discriminator?: unknown; security?: unknown } = value;
    const reference = referenceIn(value);
    if (reference !== undefined) reach(tokensOf(reference));
    if (isDiscriminator(discriminator)) {
      for (const target of [...discriminatorTargets(discriminator), ...(heirs.get(value) ?? [])]) {
        reach(tokensOf(target) ?? ['components', 'schemas', target]);
      }
    }
    for (const requirement of Array.isArray(security) ? (security as object[]) : []) {
      Object.keys(requirement).forEach((name) => reach(['components', 'securitySchemes', name]));
    }
    for (const member of Object.values(value)) if (typeof member === 'object') reached.add(member);
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

function isDiscriminator(value: unknown): value is DiscriminatorObject {
  return (
    typeof value === 'object' && value !== null && 'propertyName' in value && typeof value.propertyName === 'string'
  );
}

/** Returns the targets of a discriminator: references, or names of models. */
function discriminatorTargets({ mapping = {}, defaultMapping }: DiscriminatorObject): string[] {
  return [...Object.values(mapping), ...(defaultMapping === undefined ? [] : [defaultMapping])];
}

/** Returns the models that extend each model. A model with a discriminator needs them without a reference. */
function heirsOf(schemas: JsonObject, resolver: Resolver): Map<unknown, string[]> {
  const heirs = new Map<unknown, string[]>();
  for (const [name, schema] of Object.entries(schemas)) {
    const { allOf = [] } = (schema ?? {}) as SchemaObject;
    for (const { $ref } of allOf) {
      const parent = valueAtPointer(resolver.document, tokensOf($ref ?? '') ?? ['']);
      heirs.set(parent, [...(heirs.get(parent) ?? []), name]);
    }
  }
  return heirs;
}
