import type { ModelClass } from '../metadata/model.js';

/** An object that holds several values, each of which is written like a single one. */
export type Collection = readonly unknown[] | ReadonlySet<unknown> | ReadonlyMap<unknown, unknown>;

/** The given properties named `constructor`, by the instance that was created without them. */
const setAside = new WeakMap<object, unknown>();

/** Returns the keys of the own properties of an object, including a `constructor` that was set aside. */
export function keysOf(value: object): string[] {
  return setAside.has(value) ? [...Object.keys(value), 'constructor'] : Object.keys(value);
}

/** Returns the value of a key that `keysOf()` returned. */
export function valueOf(value: object, key: string): unknown {
  return key === 'constructor' && setAside.has(value) ? setAside.get(value) : Reflect.get(value, key);
}

/** Sets an own property of an instance. `constructor` is set aside: class-validator takes it for the class. */
export function setPart(instance: object, key: string, value: unknown): void {
  if (key === 'constructor') setAside.set(instance, value);
  else define(instance, key, value);
}

/** Sets an own property of any name, even if the class has a member of this name. */
export function define(target: object, key: string, value: unknown): void {
  if (!(key in target)) (target as Record<string, unknown>)[key] = value;
  else if (!Object.hasOwn(target, key) || !Reflect.set(target, key, value))
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Copies an instance without calling its constructor: the copy can be changed, but has no private fields. */
export function copyOf(instance: object): object {
  const { constructor, ...descriptors } = Object.getOwnPropertyDescriptors(instance);
  // The properties of a frozen instance are not configurable.
  for (const descriptor of Object.values(descriptors)) descriptor.configurable = true;
  const copy = Object.create(Object.getPrototypeOf(instance) as object, descriptors) as object;
  if (Object.hasOwn(instance, 'constructor')) setAside.set(copy, (constructor as PropertyDescriptor).value);
  return copy;
}

/** Returns the class of an instance, even if the instance has its own property named `constructor`. */
export function classOf(value: object): ModelClass {
  return (Object.getPrototypeOf(value) as { constructor: ModelClass }).constructor;
}

/** Whether an object is not an instance of a class. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isCollection(value: object): value is Collection {
  return Array.isArray(value) || value instanceof Set || value instanceof Map;
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
