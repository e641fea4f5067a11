import type { CallbackProblem, ProblemList } from '../errors/callback-problem.js';
import type { JsonObject } from '../expression/json.js';
import type { DiscriminatorObject } from './openapi-types.js';
import { referenceIn, Resolver, tokensOf } from './resolve-reference.js';

/** A part of a document that must be complete, and how messages name it. */
export interface CheckedPart {
  readonly place: string;
  readonly value: object;
  /** The operations that lead to it. */
  readonly linkedFrom: readonly string[];
  /** What to do about a model that is missing, if that is known. */
  readonly fixOfModel?: (name: string) => string;
}

const MODEL = /^#\/components\/schemas\/([A-Za-z_$][\w$]*)$/;
const OTHER_FILE =
  'Bundle the files into one document first, for example with `npx @redocly/cli bundle openapi.yaml -o openapi.json`.';

/** Reports every dangling reference in these parts of a document and in what they refer to. */
export function checkReferences(parts: readonly CheckedPart[], document: object, problems: ProblemList): void {
  const dangling = danglingReferences(
    parts.map(({ value }) => value),
    document,
  );
  for (const part of parts) {
    for (const reference of dangling.get(part.value) ?? []) {
      problems.add(unknownReference(reference, part, document), part.linkedFrom);
    }
  }
}

/** The problem of a reference that leads nowhere. */
export function unknownReference(
  reference: string,
  { place, fixOfModel }: Pick<CheckedPart, 'place' | 'fixOfModel'>,
  document: object,
): CallbackProblem {
  const { message, meant } = describeDangling(reference, document);
  const [, model] = MODEL.exec(reference) ?? [];
  return { code: 'unknown-reference', place, message, fix: fixOf() };

  function fixOf(): string {
    if (meant !== undefined) return `Did you mean ${meant}?`;
    if (model !== undefined && fixOfModel) return fixOfModel(model);
    if (!reference.startsWith('#')) return OTHER_FILE;
    const [, components = '#/components/schemas'] = /^(#\/components\/[^/]+)\//.exec(reference) ?? [];
    return `Correct the reference, or add what it refers to under ${components}.`;
  }
}

/** The fields whose keys are names, and not fields of OpenAPI themselves. */
const MAPS = new Set(
  'callbacks content definitions $defs dependentSchemas encoding examples headers links parameters pathItems paths patternProperties properties requestBodies responses schemas securitySchemes webhooks'.split(
    ' ',
  ),
);
/** The fields that hold values of the API and not of its description: a `$ref` in them is data. */
const VALUES = new Set(['const', 'default', 'enum', 'example', 'value']);
const WITH_SCHEME = /^[a-z][a-z\d+.-]*:/i;

/**
 * The references that lead nowhere, for each of these parts of a document: in itself and in all that it refers to, which
 * is read once however many parts refer to it. A reference to an absolute URL leads somewhere else and is not followed; one
 * to another file is followed by nobody who gets the document alone.
 */
function danglingReferences(parts: readonly object[], document: object): Map<object, string[]> {
  const resolver = new Resolver(document);
  const pending: [value: object, isMap: boolean][] = [];
  /** What contains a value, or refers to it. */
  const users = new Map<object, object[]>();
  const dangling = new Map<string, object[]>();
  let anchors: ReadonlySet<string> | undefined;

  function visit(value: unknown, isMap: boolean, user?: object): void {
    if (typeof value !== 'object' || value === null) return;
    const known = users.get(value);
    if (!known) pending.push([value, isMap]);
    users.set(value, known ?? []);
    if (user) users.get(value)!.push(user);
  }

  function follow(reference: string, user: object): void {
    if (WITH_SCHEME.test(reference)) return;
    if (isAnchor(reference) && (anchors ??= anchorsOf(document)).has(reference.slice(1))) return;
    const target = resolver.target(reference);
    if (target !== undefined && !hasBrokenEscape(reference)) visit(target, false, user);
    else dangling.set(reference, [...(dangling.get(reference) ?? []), user]);
  }

  for (const part of parts) visit(part, false);
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [value, isMap] = next;
    const reference = isMap ? undefined : referenceIn(value);
    // What has an id of its own is what its references are relative to.
    if (reference !== undefined && !('$id' in value)) follow(reference, value);
    if (!isMap) mappingTargetsOf(value).forEach((target) => follow(target, value));
    for (const [key, member] of Object.entries(value)) {
      const isValue =
        !isMap && (VALUES.has(key) || key.startsWith('x-') || (key === 'examples' && Array.isArray(member)));
      if (!isValue) visit(member, !isMap && MAPS.has(key) && !Array.isArray(member), value);
    }
  }
  return groupByPart(parts, dangling, users);
}

function groupByPart(
  parts: readonly object[],
  dangling: ReadonlyMap<string, readonly object[]>,
  users: ReadonlyMap<object, readonly object[]>,
): Map<object, string[]> {
  const ofPart = new Map<object, string[]>(parts.map((part) => [part, []]));
  for (const [reference, holders] of dangling) {
    const reached = new Set(holders);
    // A set goes on with what is added to it.
    for (const holder of reached) {
      ofPart.get(holder)?.push(reference);
      users.get(holder)!.forEach((user) => reached.add(user));
    }
  }
  return ofPart;
}

/** What is wrong with a reference that leads nowhere, and the reference that is likely meant. */
function describeDangling(reference: string, document: object): { message: string; meant: string | undefined } {
  const meant = meantBy(reference, document);
  if (!reference.startsWith('#')) {
    const message = `It refers to ${reference}, which is not in this document.`;
    return { message, meant };
  }
  const message = hasBrokenEscape(reference)
    ? `It refers to ${reference}, which is not a valid reference: in a name, write ~ as ~0, / as ~1 and % as %25.`
    : `It refers to ${reference}, which is not in the document.`;
  return { message, meant };
}

/** The component with the same name, apart from its spelling, its escapes and its place. */
function meantBy(reference: string, document: object): string | undefined {
  const { components = {} }: { readonly components?: Readonly<Record<string, JsonObject>> } = document;
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
function mappingTargetsOf({ discriminator }: { discriminator?: DiscriminatorObject | null }): string[] {
  return Object.values(discriminator?.mapping ?? {}).map((target) =>
    /^[\w.-]+$/.test(target) ? `#/components/schemas/${target}` : String(target),
  );
}

function hasBrokenEscape(reference: string): boolean {
  return reference.startsWith('#/') && /~(?![01])|%(?![\da-f]{2})/i.test(reference);
}

/** `#name`, as OpenAPI 3.1 has it of JSON Schema. */
function isAnchor(reference: string): boolean {
  return reference.startsWith('#') && tokensOf(reference) === undefined;
}

function anchorsOf(document: object): Set<string> {
  const values = new Set<unknown>([document]);
  const anchors = new Set<string>();
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value)) {
      if ((key === '$anchor' || key === '$dynamicAnchor') && typeof member === 'string') anchors.add(member);
      values.add(member);
    }
  }
  return anchors;
}
