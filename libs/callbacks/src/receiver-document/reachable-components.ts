import type { ComponentsObject } from '../openapi/openapi-types.js';
import type { JsonObject } from '../expression/json-object.js';
import type { OpenAPIObject } from '@nestjs/swagger';
import { valueAtPointer } from '../expression/json-pointer.js';
import { tokensOf } from '../openapi/resolve-reference.js';
import { isKeptComponent } from './is-kept-component.js';

/**
 * The components of a document that an object needs, of whatever kind, in itself or by way of others: by a reference,
 * a discriminator, or the name of a security scheme.
 */
export function reachableComponents(root: unknown, document: OpenAPIObject): ComponentsObject {
  const sections = (document.components ?? {}) as Readonly<Record<string, JsonObject>>;
  const schemas = sections['schemas'] ?? {};
  const reached = new Set<unknown>();
  const pending: unknown[] = [root];

  function reach(tokens: readonly string[] | undefined): void {
    if (tokens === undefined) return;
    // A reference to a part of a component needs the whole of it.
    const target = valueAtPointer(document, isKeptComponent(tokens) ? tokens.slice(0, 3) : tokens);
    if (typeof target !== 'object' || target === null || reached.has(target)) return;
    reached.add(target);
    pending.push(target);
  }

  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    const { $ref, discriminator, security } = value as JsonObject;
    if (typeof $ref === 'string') reach(tokensOf($ref));
    if (isDiscriminator(discriminator)) {
      for (const target of [...mappedBy(discriminator), ...heirsOf(value, schemas)]) {
        reach(tokensOf(target) ?? ['components', 'schemas', target]);
      }
    }
    for (const requirement of Array.isArray(security) ? security : []) {
      Object.keys(requirement as object).forEach((name) => reach(['components', 'securitySchemes', name]));
    }
    pending.push(...Object.values(value));
  }
  return pickReached(sections, reached);
}

function pickReached(sections: Readonly<Record<string, JsonObject>>, reached: ReadonlySet<unknown>): ComponentsObject {
  const picked = Object.entries(sections).map(([section, entries]) => {
    const needed = Object.entries(entries).filter(([, component]) => reached.has(component));
    return [section, Object.fromEntries(needed)] as const;
  });
  return Object.fromEntries(picked.filter(([, entries]) => Object.keys(entries).length > 0)) as ComponentsObject;
}

interface Discriminator {
  readonly propertyName: string;
  readonly mapping?: Readonly<Record<string, string>>;
  readonly defaultMapping?: string;
}

function isDiscriminator(value: unknown): value is Discriminator {
  return typeof value === 'object' && value !== null && typeof (value as JsonObject)['propertyName'] === 'string';
}

/** What a discriminator maps to: references, or names of models. */
function mappedBy({ mapping = {}, defaultMapping }: Discriminator): string[] {
  return [...Object.values(mapping), ...(defaultMapping === undefined ? [] : [defaultMapping])];
}

/** The models that extend one with a discriminator, which names them without referring to them. */
function heirsOf(parent: unknown, schemas: JsonObject): string[] {
  const isHeir = (schema: unknown) =>
    ((schema as { allOf?: readonly { $ref?: string }[] }).allOf ?? []).some(
      ({ $ref = '' }) => valueAtPointer({ components: { schemas } }, tokensOf($ref) ?? ['']) === parent,
    );
  return Object.keys(schemas).filter((name) => isHeir(schemas[name]));
}
