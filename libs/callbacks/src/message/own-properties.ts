import type { ModelClass } from '../metadata/model.js';

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
