import type { ModelClass } from '../metadata/model.js';

/** What holds several values, of which each is written like one. */
export type Collection = readonly unknown[] | ReadonlySet<unknown> | ReadonlyMap<unknown, unknown>;

/** The properties named `constructor` that were given, by the instance that was made without them. */
const setAside = new WeakMap<object, unknown>();

/** The keys of the own properties of an object, including a `constructor` that was set aside. */
export function keysOf(value: object): string[] {
  return setAside.has(value) ? [...Object.keys(value), 'constructor'] : Object.keys(value);
}

/** The value of a key that `keysOf()` gave. */
export function valueOf(value: object, key: string): unknown {
  return key === 'constructor' && setAside.has(value) ? setAside.get(value) : Reflect.get(value, key);
}

/** Sets an own property of an instance. `constructor` is set aside: class-validator takes it for the class. */
export function setPart(instance: object, key: string, value: unknown): void {
  if (key === 'constructor') setAside.set(instance, value);
  else define(instance, key, value);
}

/** Sets an own property, whatever its name is and whatever the class has under that name. */
export function define(target: object, key: string, value: unknown): void {
  if (!(key in target)) (target as Record<string, unknown>)[key] = value;
  else if (!Object.hasOwn(target, key) || !Reflect.set(target, key, value))
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** A copy of an instance that can be changed, made without its constructor: it has no private fields. */
export function copyOf(instance: object): object {
  const { constructor, ...descriptors } = Object.getOwnPropertyDescriptors(instance);
  // Those of a frozen instance are not.
  for (const descriptor of Object.values(descriptors)) descriptor.configurable = true;
  const copy = Object.create(Object.getPrototypeOf(instance) as object, descriptors) as object;
  if (Object.hasOwn(instance, 'constructor')) setAside.set(copy, (constructor as PropertyDescriptor).value);
  return copy;
}

/** The class of an instance, whatever a property named `constructor` says. */
export function classOf(value: object): ModelClass {
  return (Object.getPrototypeOf(value) as { constructor: ModelClass }).constructor;
}

/** Whether a value is an object of no class. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isCollection(value: object): value is Collection {
  return Array.isArray(value) || value instanceof Set || value instanceof Map;
}

/**
 * What `JSON.stringify()` would write of an object: what its `toJSON()` gives, if it has one.
 *
 * @param key - the name or the index of the value, which `toJSON()` is given as a string.
 */
export function jsonOf(value: object, key: string | number): unknown {
  return hasToJson(value) ? value.toJSON(String(key)) : value;
}

export function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/** The items with what is made of each; the same array if nothing changes. */
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

/** A collection of what is made of each of its values; the same one if nothing changes. */
export function replaceValues(given: Collection, replace: (value: unknown) => unknown): Collection {
  if (Array.isArray(given)) return replaceItems(given, replace);
  const values = [...given.values()];
  const made = replaceItems(values, replace);
  if (made === values) return given;
  return given instanceof Map ? new Map([...given.keys()].map((key, index) => [key, made[index]])) : new Set(made);
}
