import { isObject } from '../expression/json.js';
import { isModelClass } from '../metadata/model.js';
import type { ModelClass } from '../metadata/model.js';
import type { ClassPlan, ScalarType } from './class-plan.js';
import { loadModelLibraries } from './model-libraries.js';
import type { ModelPlans } from './model-plans.js';
import type { SeveralShapes, Shape } from './model-shape.js';
import { classOf, copyOf, setPart } from './own-properties.js';
import { isCollection, isPlain, jsonOf, replaceItems, replaceValues } from './value-kinds.js';

/*
 * class-validator checks an object by its class. Callers often pass plain objects, which are checked as instances. Each
 * row is a test in convert-value.spec.ts:
 *
 * | given                                                      | checked as                                          |
 * | ---------------------------------------------------------- | --------------------------------------------------- |
 * | a plain object, declared as `Class`                        | `new Class()` with its properties                   |
 * | an instance of another class, declared as `Class`          | the same, of what its `toJSON()` returns, if any    |
 * | an object whose `toJSON()` returns a string, an array, ... | that result                                         |
 * | an instance of `Class`, or of a class that extends it      | itself, or a copy if one of its properties changes  |
 * | an instance, if no class is declared                       | the same                                            |
 * | an instance of a class without declarations                | itself                                              |
 * | a plain object, if no class is declared                    | itself                                              |
 * | an array, a Set, a Map                                     | each of its values like a single value              |
 * | a property                                                 | like a single value, by the class declared for it   |
 * | a string or a number under `@Type(() => Date)`             | a Date                                              |
 * | one of several classes (`oneOf`, a discriminator)          | an instance of the matching class: see `classFor()` |
 * | a property named `constructor`                             | not checked: class-validator takes it for the class |
 *
 * Names and values are not changed: `@Expose()`, `@Exclude()` and `@Transform()` apply when the value is written
 * (write-value.ts). The given object is never changed.
 */

/** Makes instances of plain objects: see the table above. */
export class InstanceMaker {
  constructor(
    private readonly plans: ModelPlans,
    private readonly extraModels: readonly ModelClass[],
  ) {}

  /** Returns a value as it is checked: the value itself if nothing changes. */
  make(shape: Shape, value: unknown): unknown {
    if (!isObject(value)) return value;
    if (isCollection(value)) return replaceValues(value, (item) => this.make(shape, item));
    const Class = this.classFor(shape, value);
    if (Class && !(value instanceof Class)) return this.#makeInstance(Class, value);
    return isPlain(value) || !isModelClass(classOf(value)) ? value : this.#completeInstance(value);
  }

  /** Returns the class that a value must be an instance of, if one is declared. */
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

  /** Returns the only class that declares every property of the value that any of the classes declares. */
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
    // No check reads an instance without declarations. It can be anything, and refer to itself.
    return plan.declared === undefined ? instance : this.#withParts(plan, instance);
  }

  /** Converts each property of `source` into `target`. Without a target, the first change creates a copy. */
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

/** Converts a value as `@Type()` of a built-in type does. */
export function toScalar(type: ScalarType, value: unknown): unknown {
  if (Array.isArray(value)) return replaceItems(value, (item) => toScalar(type, item));
  if (value === null || value === undefined) return value;
  if (type !== Date) return type(value);
  // The checks reject everything else.
  return typeof value === 'string' || typeof value === 'number' ? new Date(value) : value;
}

/** Makes instances of a reply in JSON, by the names that `@Expose()` gives to properties. */
export async function fromJson(Class: ModelClass, json: unknown): Promise<unknown> {
  return isObject(json) ? (await loadModelLibraries()).transformer.plainToInstance(Class, json) : json;
}
