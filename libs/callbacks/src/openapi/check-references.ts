import type { CallbackProblem, ProblemList } from '../errors/callback-problem.js';
import { isObject } from '../expression/json.js';
import type { JsonObject } from '../expression/json.js';
import { discriminatorTargets, referenceIn, Resolver, tokensOf } from './resolve-reference.js';

/** A part of a document that must be complete, and how messages name it. */
export interface CheckedPart {
  readonly place: string;
  readonly value: object;
  /** The operations that it was found through. */
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

/** Returns the problem of a dangling reference. */
export function unknownReference(
  reference: string,
  { place, fixOfModel }: Pick<CheckedPart, 'place' | 'fixOfModel'>,
  document: object,
): CallbackProblem {
  return { code: 'unknown-reference', place, message: describeDangling(reference), fix: fixOf() };

  function fixOf(): string {
    const meant = meantBy(reference, document);
    if (meant !== undefined) return `Did you mean ${meant}?`;
    const [, model] = MODEL.exec(reference) ?? [];
    if (model !== undefined && fixOfModel) return fixOfModel(model);
    if (!reference.startsWith('#')) return OTHER_FILE;
    const [, components = '#/components/schemas'] = /^(#\/components\/[^/]+)\//.exec(reference) ?? [];
    return `Correct the reference, or add what it refers to under ${components}.`;
  }
}

/** The fields whose keys are names instead of fields of OpenAPI. */
const MAPS = new Set(
  'callbacks content definitions $defs dependentSchemas encoding examples headers links parameters pathItems paths patternProperties properties requestBodies responses schemas securitySchemes webhooks'.split(
    ' ',
  ),
);
/** The fields that hold values of the API: a `$ref` in them is data. */
const VALUES = new Set(['const', 'default', 'enum', 'example', 'value']);
const WITH_SCHEME = /^[a-z][a-z\d+.-]*:/i;

/**
 * Returns the dangling references of each of these parts of a document: those in the part itself and in everything that
 * it refers to. Each target is read once, however many parts refer to it. A reference to an absolute URL is not
 * followed. One to another file counts as dangling, since the other file is not delivered with the document.
 */
function danglingReferences(parts: readonly object[], document: object): Map<object, string[]> {
  const resolver = new Resolver(document);
  const pending: [value: object, isMap: boolean][] = [];
  /** The objects that contain a value or refer to it. */
  const users = new Map<object, object[]>();
  const dangling = new Map<string, object[]>();
  let anchors: ReadonlySet<string> | undefined;

  function visit(value: unknown, isMap: boolean, user?: object): void {
    if (!isObject(value)) return;
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
    else {
      const holders = dangling.get(reference) ?? [];
      dangling.set(reference, holders);
      holders.push(user);
    }
  }

  for (const part of parts) visit(part, false);
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [value, isMap] = next;
    const reference = isMap ? undefined : referenceIn(value);
    // The references of a schema with its own `$id` are relative to that id.
    if (reference !== undefined && !('$id' in value)) follow(reference, value);
    if (!isMap) discriminatorTargets(value).forEach((target) => follow(target, value));
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
    // Iterating over a Set includes values that are added on the way.
    for (const holder of reached) {
      ofPart.get(holder)?.push(reference);
      users.get(holder)!.forEach((user) => reached.add(user));
    }
  }
  return ofPart;
}

function describeDangling(reference: string): string {
  const what = hasBrokenEscape(reference)
    ? 'not a valid reference: in a name, write ~ as ~0, / as ~1 and % as %25'
    : 'not in the document';
  return `It refers to ${reference}, which is ${what}.`;
}

/** Returns a reference to the component whose name differs only in upper and lower case, in escapes or in the file. */
function meantBy(reference: string, document: object): string | undefined {
  const { components }: { readonly components?: Readonly<Record<string, JsonObject>> } = document;
  const [, section = 'schemas', text = reference] = /^#?\/?components\/([^/]+)\/(.+)$/.exec(reference) ?? [];
  const name = plainNamesOf(components?.[section] ?? {}).get(plainName(text.replace(/^.*#\//, '')));
  return name === undefined ? undefined : `#/components/${section}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const knownNames = new WeakMap<object, ReadonlyMap<string, string>>();

/** Returns the names of a section by their plain spelling. A document can have thousands of dangling references. */
function plainNamesOf(section: object): ReadonlyMap<string, string> {
  const names = knownNames.get(section) ?? new Map(Object.keys(section).map((name) => [plainName(name), name]));
  knownNames.set(section, names);
  return names;
}

/** Returns a name without differences in escapes and in upper and lower case. */
function plainName(name: string): string {
  return name
    .replace(/%25|%7E|~0/gi, '~')
    .replace(/~1|%2F/gi, '/')
    .toLowerCase();
}

function hasBrokenEscape(reference: string): boolean {
  return reference.startsWith('#/') && /~(?![01])|%(?![\da-f]{2})/i.test(reference);
}

/** Whether a reference is an anchor, `#name`: OpenAPI 3.1 has them from JSON Schema. */
function isAnchor(reference: string): boolean {
  return reference.startsWith('#') && tokensOf(reference) === undefined;
}

function anchorsOf(document: object): Set<string> {
  const values = new Set<unknown>([document]);
  const anchors = new Set<string>();
  for (const value of values) {
    if (!isObject(value)) continue;
    for (const [key, member] of Object.entries(value)) {
      if ((key === '$anchor' || key === '$dynamicAnchor') && typeof member === 'string') anchors.add(member);
      values.add(member);
    }
  }
  return anchors;
}
