import { isObject } from '../expression/json.js';
import { isModelClass } from '../metadata/model.js';
import type { ModelClass } from '../metadata/model.js';
import type { ClassPlan, ScalarType } from './class-plan.js';
import { loadModelLibraries } from './model-libraries.js';
import type { ModelPlans } from './model-plans.js';
import type { SeveralShapes, Shape } from './model-shape.js';
import {
  classOf,
  copyOf,
  isCollection,
  isPlain,
  jsonOf,
  replaceItems,
  replaceValues,
  setPart,
} from './own-properties.js';

/*
 * class-validator checks an object by its class. What is given is often a plain object, so it is checked as an instance.
 * Each row is a test in convert-value.spec.ts:
 *
 * | given                                                     | checked as                                             |
 * | --------------------------------------------------------- | ------------------------------------------------------ |
 * | a plain object, declared as `Class`                       | `new Class()` with its properties                      |
 * | an instance of another class, declared as `Class`         | the same, of what its `toJSON()` gives, if it has one  |
 * | an object whose `toJSON()` gives a string, an array, ...  | that                                                   |
 * | an instance of `Class`, or of a class that extends it     | itself, or a copy if one of its properties changes     |
 * | an instance, if no class is declared                      | the same                                               |
 * | an instance of a class of which nothing is declared       | itself                                                 |
 * | a plain object, if no class is declared                   | itself                                                 |
 * | an array, a Set, a Map                                    | each of its values like a value on its own             |
 * | a property                                                | like a value on its own, by the class declared for it  |
 * | a string or a number under `@Type(() => Date)`            | a Date                                                 |
 * | one of several classes (`oneOf`, a discriminator)         | the one that the value is of: see `classFor()`         |
 * | a property named `constructor`                            | not checked: class-validator takes it for the class    |
 *
 * Names and values stay as they were given: `@Expose()`, `@Exclude()` and `@Transform()` are for what is written
 * (write-value.ts). What was given is never changed.
 */

/** Makes instances of what is given as plain objects: see the table above. */
export class InstanceMaker {
  constructor(
    private readonly plans: ModelPlans,
    private readonly extraModels: readonly ModelClass[],
  ) {}

  /** A value as it is checked; itself if nothing changes. */
  make(shape: Shape, value: unknown): unknown {
    if (!isObject(value)) return value;
    if (isCollection(value)) return replaceValues(value, (item) => this.make(shape, item));
    const Class = this.classFor(shape, value);
    if (Class && !(value instanceof Class)) return this.#makeInstance(Class, value);
    return isPlain(value) || !isModelClass(classOf(value)) ? value : this.#completeInstance(value);
  }

  /** The class that a value must be an instance of, if one is declared. */
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

  #makeInstance(Class: ModelClass, given: object): unknown {
    const json = jsonOf(given, '');
    if (!isObject(json) || Array.isArray(json)) return json;
    return json instanceof Class
      ? this.#completeInstance(json)
      : this.#withParts(this.plans.of(Class), json, new Class());
  }

  #completeInstance(instance: object): object {
    const plan = this.plans.of(classOf(instance));
    // No check looks into what nothing is declared of. It can be anything, and refer to itself.
    return plan.declared === undefined ? instance : this.#withParts(plan, instance);
  }

  /** Puts what is made of each property of `source` into `target`: without one, into a copy, once something changes. */
  #withParts(plan: ClassPlan, source: object, target?: object): object {
    let made = target;
    for (const [key, value] of Object.entries(source)) {
      const part = key === 'constructor' ? value : this.#makePart(plan, source, key, value);
      if (made || part !== value || key === 'constructor') setPart((made ??= copyOf(source)), key, part);
    }
    return made ?? source;
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
  // The checks refuse everything else.
  return typeof value === 'string' || typeof value === 'number' ? new Date(value) : value;
}

/** A reply, which came as JSON, as instances of a class: by the names that `@Expose()` gives its properties. */
export async function fromJson(Class: ModelClass, json: unknown): Promise<unknown> {
  return isObject(json) ? (await loadModelLibraries()).transformer.plainToInstance(Class, json) : json;
}
