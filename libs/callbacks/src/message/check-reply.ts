import { setImmediate } from 'node:timers/promises';
import type { MetadataStorage } from 'class-validator';
import type { ContractIssue } from '../errors/contract.errors.js';
import { isModelClass } from '../metadata/model.js';
import type { ModelClass, Model } from '../metadata/model.js';
import { appendKey, checkByClass, checkBySchema, joinPaths } from './check-value.js';
import type { Checked } from './check-value.js';
import { fromJson } from './convert-value.js';
import { isObject } from '../expression/json.js';
import { memoize } from './memoize.js';
import { loadValidator } from './model-libraries.js';

/** The most objects and arrays that are checked in a reply: creating instances of them cannot be interrupted. */
const MAX_OBJECTS = 10_000;

/** The most properties that are checked in one object: class-transformer compares each with every other. */
const MAX_PROPERTIES = 4_000;

/** How long a check may block the event loop, in ms. */
const SLICE_MS = 10;

/**
 * Checks a reply against its model, a list item by item. A receiver can send anything, so the check stops at the first
 * object that does not match, and it regularly yields to the event loop.
 */
export async function checkReply({ type, isArray, standardSchema }: Model, value: unknown): Promise<Checked> {
  const check = await itemCheck(type, standardSchema);
  if (!check) return { value };
  const issue = sizeIssue(value);
  if (issue !== undefined) return { issues: [{ path: '', message: issue }] };
  if (!isArray) return check(value);
  if (!Array.isArray(value)) return { issues: [{ path: '', message: 'must be an array' }] };
  const values: unknown[] = [];
  const turns = new Turns();
  for (const [index, item] of value.entries()) {
    await turns.next();
    const checked = await check(item);
    if ('issues' in checked) return { issues: checked.issues.map((each) => at(`[${index}]`, each)) };
    values.push(checked.value);
  }
  return { value: values };
}

async function itemCheck(
  type: unknown,
  standardSchema: unknown,
): Promise<((item: unknown) => Promise<Checked>) | undefined> {
  if (standardSchema !== undefined) return (item) => checkBySchema(standardSchema, item);
  if (!isModelClass(type)) return undefined;
  return async (item) => checkInParts(type, await fromJson(type, item));
}

/** Checks an instance, and the items of its lists one by one. */
async function checkInParts(Class: ModelClass, value: unknown): Promise<Checked> {
  const turns = new Turns();
  const parts: Part[] = [{ value, path: '' }];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    await turns.next();
    const lifted = await liftLists(part);
    try {
      const checked = await checkByClass(Class, part.value, part.path !== '');
      const { path } = part;
      if ('issues' in checked) return { issues: checked.issues.map((each) => at(path, each)) };
    } finally {
      lifted.restore();
    }
    // Reversed, because `pop()` takes the last one.
    for (const item of lifted.items.toReversed()) parts.push(item);
  }
  return { value };
}

function at(outer: string, { path, message }: ContractIssue): ContractIssue {
  return { path: joinPaths(outer, path), message };
}

/** Returns why a reply is too large to be checked, or `undefined`. */
function sizeIssue(root: unknown): string | undefined {
  const left = [root].filter(isObject);
  let objects = 0;
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    const parts: unknown[] = Object.values(value);
    if (!Array.isArray(value) && parts.length > MAX_PROPERTIES) {
      return `has an object of more than ${MAX_PROPERTIES} properties, which is too large to be checked`;
    }
    objects += 1;
    if (objects > MAX_OBJECTS)
      return `has more than ${MAX_OBJECTS} objects and arrays, which are too many to be checked`;
    for (const part of parts) if (isObject(part)) left.push(part);
  }
  return undefined;
}

/** Yields to the event loop from time to time. */
class Turns {
  #began = performance.now();

  async next(): Promise<void> {
    if (performance.now() - this.#began < SLICE_MS) return;
    await setImmediate();
    this.#began = performance.now();
  }
}

/** A part of a value, and its path. */
export interface Part {
  readonly value: unknown;
  readonly path: string;
}

/** The items that were removed from an instance. */
export interface LiftedLists {
  readonly items: readonly Part[];
  /** Puts them back. */
  restore(): void;
}

/** The rules of class-validator that check only whether a value is a list, and its length. */
const RULES_OF_LENGTH = new Set<unknown>([
  'isArray',
  'arrayMinSize',
  'arrayMaxSize',
  'arrayNotEmpty',
  'isOptional',
  'isDefined',
]);

/**
 * Removes the items of `@ValidateNested()` lists from an instance and the objects nested in it, so that they can be
 * checked one by one: class-validator checks an instance with all its parts without a pause, however long that takes.
 * The lists keep their lengths. A list with other rules is not changed.
 */
export async function liftLists({ value, path }: Part): Promise<LiftedLists> {
  const { getMetadataStorage } = await loadValidator();
  const items: Part[] = [];
  const restores: (() => void)[] = [];
  const lift = (object: object, outer: string) => {
    for (const [name, isLiftable] of nestedProperties(object.constructor as ModelClass, getMetadataStorage())) {
      const part: unknown = Reflect.get(object, name);
      if (Array.isArray(part) && isLiftable) {
        restores.push(() => Reflect.set(object, name, part));
        Reflect.set(object, name, emptied(part, appendKey(outer, name), items));
      } else if (isObject(part) && !Array.isArray(part)) {
        lift(part, appendKey(outer, name));
      }
    }
  };
  if (isObject(value) && !Array.isArray(value)) lift(value, path);
  return { items, restore: () => restores.forEach((restore) => restore()) };
}

/** Returns a list of the same length with holes instead of objects. class-validator skips holes. */
function emptied(list: readonly unknown[], path: string, items: Part[]): unknown[] {
  const holes: unknown[] = [];
  holes.length = list.length;
  const kept = new Set<string>();
  for (const [index, item] of list.entries()) {
    const inner = appendKey(path, String(index));
    if (Array.isArray(item)) holes[index] = emptied(item, inner, items);
    else if (isObject(item)) items.push({ value: item, path: inner });
    else if (!kept.has(String(item === null))) {
      // An item that is not an object is an error. One such item is enough to report it.
      kept.add(String(item === null));
      holes[index] = item;
    }
  }
  return holes;
}

const knownProperties = memoize((storage: MetadataStorage) =>
  memoize((Class: ModelClass): readonly (readonly [name: string, isLiftable: boolean])[] => {
    const rules = storage.getTargetValidationMetadatas(Class, '', false, false);
    const nested = new Set(rules.filter(({ type }) => type === 'nestedValidation').map((rule) => rule.propertyName));
    return [...nested].map((name) => {
      const others = rules.filter((rule) => rule.propertyName === name && rule.type !== 'nestedValidation');
      return [name, others.every((rule) => RULES_OF_LENGTH.has(rule.name))];
    });
  }),
);

function nestedProperties(Class: ModelClass, storage: MetadataStorage) {
  return typeof Class === 'function' ? knownProperties(storage)(Class) : [];
}
