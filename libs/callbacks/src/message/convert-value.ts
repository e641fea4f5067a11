import { isObject } from '../expression/json-object.js';
import { isModelClass } from '../metadata/model-class.js';
import type { ModelClass } from '../metadata/model-class.js';
import type { ClassPlan, ScalarType } from './class-plan.js';
import { loadModelLibraries } from './model-libraries.js';
import type { ModelPlans } from './model-plans.js';
import type { SeveralShapes, Shape } from './model-shape.js';

/*
 * What is checked of an argument. class-validator checks an object by its class, so plain objects become instances:
 *
 * | given                                              | checked as                                                    |
 * | -------------------------------------------------- | ------------------------------------------------------------- |
 * | a plain object, declared as `Class`                | `new Class()` with its properties, by their names in the class |
 * | an instance of `Class`, or of a class extending it | itself                                                        |
 * | an instance of another class                       | like a plain object of what its `toJSON()` gives, if it has one |
 * | an object whose `toJSON()` gives no object         | what that gives                                               |
 * | an array, a Set, a Map                             | the same, of its items                                        |
 * | a property whose class is known                    | like the argument: see `ClassPlan`                            |
 * | a property of no known class                       | itself; an instance in it like an argument of its own class   |
 * | a string or a number under `@Type(() => Date)`     | a Date                                                        |
 * | a property named `constructor`                     | not at all: class-validator takes it for the class            |
 *
 * Values are those that were given: `@Transform()`, `@Expose()` and `@Exclude()` are for what is written. What was given
 * is not changed: an instance with a part that must become one is copied, without its constructor.
 */

/** A reply, which came as JSON, as instances of a class: by the names that `@Expose()` gives its properties. */
export async function fromJson(Class: ModelClass, json: unknown): Promise<unknown> {
  return isObject(json) ? (await loadModelLibraries()).transformer.plainToInstance(Class, json) : json;
}

/** The properties named `constructor` of what was given, by the instance that was made of it. */
const setAside = new WeakMap<object, unknown>();

/** The keys of what an object has of its own, with one that had to be set aside. */
export function keysOf(value: object): string[] {
  return setAside.has(value) ? [...Object.keys(value), 'constructor'] : Object.keys(value);
}

/** The value of a key that `keysOf()` gave. */
export function valueOf(value: object, key: string): unknown {
  return key === 'constructor' && setAside.has(value) ? setAside.get(value) : Reflect.get(value, key);
}

/** Makes instances of what is given as plain objects. */
export class InstanceMaker {
  constructor(
    private readonly plans: ModelPlans,
    private readonly extraModels: readonly ModelClass[],
  ) {}

  /** A value as it is checked: see the table above. */
  make(shape: Shape, value: unknown): unknown {
    if (!isObject(value)) return value;
    if (Array.isArray(value)) return replaceItems(value, (item) => this.make(shape, item));
    if (value instanceof Set) {
      const items = [...value];
      const made = replaceItems(items, (item) => this.make(shape, item));
      return made === items ? value : new Set(made);
    }
    if (value instanceof Map) {
      const values = [...value.values()];
      const made = replaceItems(values, (item) => this.make(shape, item));
      return made === values ? value : new Map([...value.keys()].map((key, index) => [key, made[index]]));
    }
    const Class = this.classFor(shape, value);
    if (Class && !(value instanceof Class)) return this.#makeOf(Class, value);
    return isPlain(value) || !isModelClass(classOf(value)) ? value : this.#complete(value);
  }

  /** The class that a value is to be an instance of, if one is declared. */
  classFor(shape: Shape, value: object): ModelClass | undefined {
    if (shape.kind === 'reference') return this.classFor(this.plans.resolve(shape, this.extraModels), value);
    if (shape.kind === 'oneOf') return this.#oneOfClasses(shape, value);
    if (shape.kind !== 'class') return undefined;
    const { Class, isMade, discriminator } = shape;
    if (discriminator) {
      const { property, subTypes } = discriminator;
      const subType =
        subTypes.find((candidate) => value instanceof candidate.value) ??
        subTypes.find(({ name }) => name === Reflect.get(value, property));
      if (subType) return subType.value;
    }
    const isKnown = isModelClass(Class) && (isMade || this.plans.of(Class).declared !== undefined);
    return isKnown ? Class : undefined;
  }

  /** The one class of several that declares all that any of them declares of a value: nothing is lost by taking it. */
  #oneOfClasses({ shapes }: SeveralShapes, value: object): ModelClass | undefined {
    const classes = shapes.map((shape) => {
      const known = shape.kind === 'reference' ? this.plans.resolve(shape, this.extraModels) : shape;
      return known.kind === 'class' ? known.Class : undefined;
    });
    const declared = classes.map((Class) => (Class ? this.plans.of(Class).declared : undefined));
    if (declared.includes(undefined)) return undefined;
    const keys = Object.keys(value).filter((key) => declared.some((names) => names?.has(key)));
    const covering = classes.filter(
      (Class, index) => (Class && value instanceof Class) || keys.every((key) => declared[index]?.has(key)),
    );
    return covering.length === 1 ? covering[0] : undefined;
  }

  #makeOf(Class: ModelClass, given: object): unknown {
    const source = jsonOf(given, '');
    if (!isObject(source) || Array.isArray(source)) return source;
    if (source instanceof Class) return this.#complete(source);
    const instance = new Class();
    const plan = this.plans.of(Class);
    for (const [key, value] of Object.entries(source)) {
      if (key === 'constructor') setAside.set(instance, value);
      else define(instance, key, this.#makePart(plan, source, key, value));
    }
    return instance;
  }

  /** An instance, or a copy of it if a part of it has to become an instance, too. */
  #complete(instance: object): object {
    const plan = this.plans.of(classOf(instance));
    // No check looks into what nothing is declared of, which can be anything, circles among it.
    if (plan.declared === undefined) return instance;
    let made: object | undefined = Object.hasOwn(instance, 'constructor') ? copyOf(instance) : undefined;
    for (const [key, value] of Object.entries(instance)) {
      if (key === 'constructor') continue;
      const part = this.#makePart(plan, instance, key, value);
      if (part !== value) define((made ??= copyOf(instance)), key, part);
    }
    return made ?? instance;
  }

  #makePart(plan: ClassPlan, owner: object, key: string, value: unknown): unknown {
    if (typeof value !== 'object' && typeof value !== 'string' && typeof value !== 'number') return value;
    const { shape, scalar } = plan.property(key).typeIn(owner);
    return scalar === Date ? toScalar(Date, value) : this.make(shape, value);
  }
}

/** What `@Type()` of a type of the language makes of a value. */
export function toScalar(type: ScalarType, value: unknown): unknown {
  if (Array.isArray(value)) return replaceItems(value, (item) => toScalar(type, item));
  if (value === null || value === undefined) return value;
  if (type !== Date) return type(value);
  // What is neither is for the checks to refuse.
  return typeof value === 'string' || typeof value === 'number' ? new Date(value) : value;
}

/** What `JSON.stringify()` would write of an object: what its `toJSON()` gives, if it has one. */
export function jsonOf(value: object, key: string): unknown {
  return 'toJSON' in value && typeof value.toJSON === 'function' ? (value.toJSON(key) as unknown) : value;
}

/** The items with what is made of each; the same array if that is what they were. */
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

/** Sets a property of its own, whatever its name is and whatever the class has under that name. */
export function define(target: object, key: string, value: unknown): void {
  const isSet = Object.hasOwn(target, key) || !(key in target) ? Reflect.set(target, key, value) : false;
  if (!isSet) Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function copyOf(instance: object): object {
  const { constructor, ...descriptors } = Object.getOwnPropertyDescriptors(instance);
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
