import { types } from 'node:util';
import { isObject } from '../expression/json.js';

/** Whether an object is not an instance of a class. Fastify makes queries whose prototype has no constructor. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === Object.prototype || prototype === null || !('constructor' in prototype);
}

/** Whether an object is written property by property, after its `toJSON()` was called. */
export function isEntries(json: unknown): json is object {
  return isObject(json) && !Array.isArray(json) && !isLeaf(json);
}

/** Whether an object is a single value without properties, which `JSON.stringify()` and `toText()` can write. */
export function isLeaf(value: object): boolean {
  const isBytes = ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
  return isBytes || value instanceof Date || types.isBoxedPrimitive(value);
}

/**
 * Returns what `JSON.stringify()` would write for an object: the result of its `toJSON()`, if it has one.
 *
 * @param key - the name or the index of the value, which is passed to `toJSON()` as a string.
 */
export function jsonOf(value: object, key: string | number): unknown {
  return hasToJson(value) ? value.toJSON(String(key)) : value;
}

export function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/** An object that holds several values, each of which is written like a single one. */
export type Collection = readonly unknown[] | ReadonlySet<unknown> | ReadonlyMap<unknown, unknown>;

export function isCollection(value: object): value is Collection {
  return Array.isArray(value) || value instanceof Set || value instanceof Map;
}

/** Replaces each item. Returns the same array if nothing changes. */
export function replaceItems(
  items: readonly unknown[],
  replace: (item: unknown, index: number) => unknown,
): readonly unknown[] {
  let made: unknown[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = replace(items[index], index);
    if (item !== items[index]) (made ??= [...items])[index] = item;
  }
  return made ?? items;
}

/** Replaces each value of a collection. Returns the same collection if nothing changes. */
export function replaceValues(given: Collection, replace: (value: unknown) => unknown): Collection {
  if (Array.isArray(given)) return replaceItems(given, replace);
  const values = [...given.values()];
  const made = replaceItems(values, replace);
  if (made === values) return given;
  return given instanceof Map ? new Map([...given.keys()].map((key, index) => [key, made[index]])) : new Set(made);
}
