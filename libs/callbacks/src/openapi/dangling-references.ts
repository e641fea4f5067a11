import type { JsonObject } from '../expression/json-object.js';
import { referenceIn, resolveReference, tokensOf } from './resolve-reference.js';

/** The fields whose keys are names, and not fields of OpenAPI themselves. */
const MAPS = new Set(
  'callbacks content definitions $defs dependentSchemas encoding examples headers links parameters pathItems paths patternProperties properties requestBodies responses schemas securitySchemes webhooks'.split(
    ' ',
  ),
);
/** The fields that hold values of the API and not of its description: a `$ref` in them is data. */
const VALUES = new Set(['const', 'default', 'enum', 'example', 'value']);
const ABSOLUTE_URL = /^[a-z][a-z\d+.-]*:/i;

/**
 * The references that lead nowhere, in a part of a document and in all that it refers to. A reference to an absolute URL
 * leads somewhere else and is not followed; one to another file is followed by nobody who gets the document alone.
 */
export function danglingReferences(root: unknown, document: object): string[] {
  const dangling = new Set<string>();
  const seen = new Set<unknown>();
  const followed = new Set<string>();
  const pending: [value: unknown, isMap: boolean][] = [[root, false]];

  function follow(reference: string): void {
    if (followed.has(reference)) return;
    followed.add(reference);
    if (ABSOLUTE_URL.test(reference) || isAnchor(reference, document)) return;
    const target = resolveReference({ $ref: reference }, document);
    if (target === undefined || hasBrokenEscape(reference)) dangling.add(reference);
    else pending.push([target, false]);
  }

  for (let next = pending.pop(); next; next = pending.pop()) {
    const [value, isMap] = next;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const reference = isMap ? undefined : referenceIn(value);
    // What has an id of its own is what its references are relative to.
    if (reference !== undefined && !('$id' in value)) follow(reference);
    if (!isMap) mappedBy(value as JsonObject).forEach(follow);
    for (const [key, member] of Object.entries(value)) {
      if (typeof member !== 'object') continue;
      const isValue =
        !isMap && (VALUES.has(key) || key.startsWith('x-') || (key === 'examples' && Array.isArray(member)));
      if (!isValue) pending.push([member, !isMap && MAPS.has(key) && !Array.isArray(member)]);
    }
  }
  return [...dangling];
}

/** What is wrong with a reference that leads nowhere, and the reference that is likely meant. */
export function describeDangling(reference: string, document: object): { message: string; meant: string | undefined } {
  const meant = meantBy(reference, document);
  if (!reference.startsWith('#')) {
    const message = `It refers to ${reference}, which is not in this document.`;
    return { message, meant };
  }
  const message = hasBrokenEscape(reference)
    ? `It refers to ${reference}, which is not a valid reference: in a name ~ is written ~0, / is written ~1 and % is written %25.`
    : `It refers to ${reference}, which is not in the document.`;
  return { message, meant };
}

/** The component with the same name, apart from its spelling, its escapes and its place. */
function meantBy(reference: string, document: object): string | undefined {
  const { components = {} } = document as { components?: Readonly<Record<string, JsonObject>> };
  const [, section = 'schemas', text = reference] = /^#?\/?components\/([^/]+)\/(.+)$/.exec(reference) ?? [];
  const plain = (name: string) =>
    name
      .replace(/%25|%7E|~0/gi, '~')
      .replace(/~1|%2F/gi, '/')
      .toLowerCase();
  const wanted = plain(text.replace(/^.*#\//, ''));
  const name = Object.keys(components[section] ?? {}).find((candidate) => plain(candidate) === wanted);
  return name === undefined ? undefined : `#/components/${section}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A discriminator refers to models by references, or by their names alone. */
function mappedBy({ discriminator }: JsonObject): string[] {
  const { mapping = {} } = (discriminator ?? {}) as { mapping?: JsonObject };
  return Object.values(mapping).map((target) =>
    /^[\w.-]+$/.test(String(target)) ? `#/components/schemas/${String(target)}` : String(target),
  );
}

function hasBrokenEscape(reference: string): boolean {
  return reference.startsWith('#/') && /~(?![01])|%(?![\da-f]{2})/i.test(reference);
}

/** `#name`, as OpenAPI 3.1 has it of JSON Schema. */
function isAnchor(reference: string, document: object): boolean {
  if (tokensOf(reference) !== undefined || !reference.startsWith('#')) return false;
  const name = JSON.stringify(reference.slice(1));
  const text = JSON.stringify(document);
  return text.includes(`"$anchor":${name}`) || text.includes(`"$dynamicAnchor":${name}`);
}
