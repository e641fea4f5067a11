import { isObject } from '../expression/json.js';
import type { ContractIssue } from '../errors/contract.errors.js';
import type { ModelClass } from '../metadata/model.js';
import { pluginFactoryOf } from '../metadata/model.js';
import { joinPaths } from './check-value.js';
import type { ClassPlan } from './class-plan.js';
import { InstanceMaker, toScalar } from './convert-value.js';
import { loadModelPlans, subtypesOf } from './model-plans.js';
import type { ModelPlans } from './model-plans.js';
import { FREE } from './model-shape.js';
import type { Shape } from './model-shape.js';
import { classOf, define, keysOf, valueOf } from './own-properties.js';
import { UndeclaredProperties } from './undeclared-properties.js';
import { isEntries, isLeaf, isPlain, jsonOf, replaceItems } from './value-kinds.js';
import { UntypedWriter } from './write-untyped.js';

/*
 * How a checked value is written:
 *
 * | value                                     | written                                                                 |
 * | ----------------------------------------- | ----------------------------------------------------------------------- |
 * | an instance                               | its own properties, declared getters, and members with `@Expose()`;     |
 * |                                           | `@Exclude()`, `@Transform()`, `@Type()` and `@Expose({ name })` apply   |
 * | an object with `toJSON()`                 | the result, without properties that have `@Exclude()`                   |
 * | the result of `@Transform()`              | unchanged; no decorator applies again                                   |
 * | a property that is not declared           | not at all, or an issue, or like any other: see `UndeclaredProperties`  |
 * | a function                                | not at all, unless it has `@Expose()`                                   |
 * | a Map, a Set, a URLSearchParams           | an object, an array, a string                                           |
 * | anything else                             | itself: `JSON.stringify()` does the rest                                |
 */

/** The callback that a value is written for. */
export interface WriteContext {
  /** The qualified name of the callback. */
  readonly callback: string;
  readonly undeclared: UndeclaredProperties;
  /** The classes that `@ApiExtraModels()` names for the operation. */
  readonly extraModels: readonly ModelClass[];
  /** Whether other decorators declare this name for the whole argument. */
  readonly isDeclaredElsewhere?: (name: string) => boolean;
}

/** A step on the path to a part of a value. */
interface Step {
  readonly parent: Step | undefined;
  /** A name, or the index of an item. */
  readonly key: string | number;
  /** Whether the value is already JSON, from `toJSON()` or `@Transform()`: no decorator applies again. */
  readonly isJson: boolean;
  /** Whether it is part of a free-form value, which keeps all properties. */
  readonly isFree: boolean;
}

const ROOT: Step = { parent: undefined, key: '', isJson: false, isFree: false };

/** Writes a value without declarations. */
export async function toPlain(value: unknown): Promise<unknown> {
  const undeclared = new UndeclaredProperties('send', () => undefined);
  return new ValueWriter(await loadModelPlans(), { callback: '', undeclared, extraModels: [] }).write(value, FREE);
}

/** Writes one argument. */
export class ValueWriter {
  /** The undeclared properties, if they are errors. */
  readonly issues: ContractIssue[] = [];
  readonly #instances: InstanceMaker;
  readonly #untyped: UntypedWriter;

  constructor(
    private readonly plans: ModelPlans,
    private readonly context: WriteContext,
  ) {
    this.#instances = new InstanceMaker(plans, context.extraModels);
    this.#untyped = new UntypedWriter(plans, (instance, key) =>
      this.#writeInstance(instance, FREE, { parent: undefined, key, isJson: false, isFree: true }),
    );
  }

  /** Returns the value for `JSON.stringify()`. A value that needs no changes is returned itself, not copied. */
  write(value: unknown, shape: Shape): unknown {
    return this.#write(value, shape, ROOT);
  }

  #write(value: unknown, shape: Shape, step: Step): unknown {
    if (shape.kind === 'free') return this.#untyped.write(value, step.key);
    if (!isObject(value) || isLeaf(value)) return value;
    if (Array.isArray(value)) return this.#writeItems(value, shape, step);
    if (value instanceof Set) return this.#writeItems([...value], shape, step);
    if (value instanceof Map) return this.#writeMap(value, shape, step);
    if (value instanceof URLSearchParams) return value.toString();
    const Class = step.isJson && isPlain(value) ? undefined : this.#instances.classFor(shape, value);
    if (Class && !(value instanceof Class)) {
      const made = this.#instances.make(shape, value);
      return made instanceof Class ? this.#writeInstance(made, shape, step) : this.#write(made, FREE, step);
    }
    return isPlain(value) ? this.#writePlain(value, shape, step) : this.#writeInstance(value, shape, step);
  }

  #writeItems(items: readonly unknown[], shape: Shape, step: Step): readonly unknown[] {
    return replaceItems(items, (item, index) =>
      isObject(item) ? this.#write(item, shape, { ...step, parent: step, key: index }) : item,
    );
  }

  #writeMap(map: ReadonlyMap<unknown, unknown>, shape: Shape, step: Step): object {
    const isOfValues = shape.kind !== 'object';
    const entries: Shape = isOfValues ? { kind: 'object', properties: new Map(), rest: shape } : shape;
    return this.#writeEntries(Object.fromEntries(map) as object, entries, step);
  }

  #writePlain(value: object, shape: Shape, step: Step): unknown {
    const json = jsonOf(value, step.key);
    if (json === value) return this.#writeEntries(value, shape, step);
    return isObject(json) ? this.#writeJson(json, shape, step) : json;
  }

  /** Writes the result of `toJSON()`, without calling `toJSON()` again. */
  #writeJson(json: object, shape: Shape, step: Step, owner?: ClassPlan): unknown {
    const within = { ...step, isJson: true };
    return isEntries(json) ? this.#writeEntries(json, shape, within, owner) : this.#write(json, shape, within);
  }

  /** Writes the properties of an object that no decorators apply to, except `@Exclude()` on its owner. */
  #writeEntries(value: object, shape: Shape, step: Step, owner = this.#planOf(shape)): object {
    const written = {};
    // JSON.stringify() would call toJSON() again, so such an object is copied.
    let isChanged = jsonOf(value, step.key) !== value || !isPlain(value);
    for (const key of Object.keys(value)) {
      const given: unknown = Reflect.get(value, key);
      const inner = this.plans.propertyShape(shape, key, this.context.extraModels);
      const isExcluded = owner?.property(owner.keyOf(key)).isExcluded ?? false;
      if (isExcluded || typeof given === 'function' || (inner === undefined && !this.#keeps(given, shape, key, step))) {
        isChanged = true;
        continue;
      }
      const part = isObject(given) ? this.#write(given, inner ?? FREE, { ...step, parent: step, key }) : given;
      isChanged ||= part !== given;
      define(written, key, part);
    }
    return isChanged ? written : value;
  }

  #planOf(shape: Shape): ClassPlan | undefined {
    return shape.kind === 'class' && !shape.discriminator ? this.plans.of(shape.Class) : undefined;
  }

  #writeInstance(value: object, declared: Shape, step: Step): unknown {
    const plan = this.plans.of(classOf(value));
    const shape = this.#shapeOfInstance(declared, value, plan);
    const json = jsonOf(value, step.key);
    if (json !== value) return isObject(json) ? this.#writeJson(json, shape, step, plan) : json;
    const written = {};
    const keys = keysOf(value);
    for (const key of plan.inherited.length === 0 ? keys : new Set([...keys, ...plan.inherited])) {
      this.#writeProperty(written, value, key, plan, shape, step);
    }
    this.#writeDiscriminator(written, value, declared);
    return written;
  }

  #writeProperty(written: object, owner: object, key: string, plan: ClassPlan, shape: Shape, step: Step): void {
    const { name, isExcluded, isExposed, typeIn, transform } = plan.property(key);
    if (isExcluded) return;
    const given = valueOf(owner, key);
    if (typeof given === 'function' && !isExposed && !transform) return;
    const isDeclared =
      shape.kind === 'free' || this.plans.propertyShape(shape, key, this.context.extraModels) !== undefined;
    if (!isDeclared && !this.#keeps(given, shape, key, step)) return;
    const own = typeof given === 'function' && isExposed ? (given.call(owner) as unknown) : given;
    const made = transform ? transform(given, owner) : given;
    const type = typeIn(owner);
    const isMade = made !== given;
    const value = type.scalar === undefined ? (isMade ? made : own) : toScalar(type.scalar, isMade ? made : own);
    const inner = { parent: step, key, isJson: isMade, isFree: step.isFree || shape.kind === 'free' };
    define(written, name, isObject(value) ? this.#write(value, type.shape, inner) : value);
  }

  /** class-transformer writes the discriminator, whether or not the instance has the property. */
  #writeDiscriminator(written: object, value: object, shape: Shape): void {
    if (shape.kind !== 'class' || !shape.discriminator) return;
    const { property, subTypes } = shape.discriminator;
    const subType = subTypes.find((candidate) => classOf(value) === candidate.value);
    if (subType) define(written, property, subType.name);
  }

  /** Returns the shape of an instance: of several classes, the one that it belongs to. */
  #shapeOfInstance(shape: Shape, value: object, plan: ClassPlan): Shape {
    if (shape.kind === 'reference') {
      return this.#shapeOfInstance(this.plans.resolve(shape, this.context.extraModels), value, plan);
    }
    const own: Shape = { kind: 'class', Class: plan.Class, isMade: true };
    if (shape.kind === 'oneOf') {
      const shapes = shape.shapes.map((one) =>
        one.kind === 'reference' ? this.plans.resolve(one, this.context.extraModels) : one,
      );
      return shapes.find((one) => one.kind === 'class' && value instanceof one.Class) ?? shape;
    }
    if (shape.kind !== 'class') return shape;
    if (shape.discriminator) {
      const { property } = shape.discriminator;
      const subType = subtypesOf(shape).find(({ Class }) => value instanceof Class);
      return subType ? { ...subType, discriminator: { property, subTypes: [] } } : shape;
    }
    // If the declared base class has no declarations, the class of the instance is the model.
    return this.plans.of(shape.Class).declared === undefined ? own : shape;
  }

  /** Whether an undeclared property is written. */
  #keeps(value: unknown, shape: Shape, property: string, step: Step): boolean {
    const { undeclared, callback, isDeclaredElsewhere } = this.context;
    if (undeclared.mode === 'send' || step.isFree) return true;
    // JSON cannot contain these, so nothing is lost.
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return true;
    if (step === ROOT && isDeclaredElsewhere?.(property)) return true;
    const Class = shape.kind === 'class' ? shape.Class : undefined;
    const model = Class?.name ?? `the schema of ${callback}`;
    if (undeclared.mode === 'error') {
      const message = `is not declared by ${model}: declare it, for example with @ApiProperty(), or remove it`;
      this.issues.push({ path: joinPaths(pathToStep(step), property), message });
    } else {
      const isReadByPlugin = Class === undefined || pluginFactoryOf(Class) !== undefined;
      undeclared.warnOfProperty({ callback, model, property, isReadByPlugin });
    }
    return false;
  }
}

function pathToStep({ parent, key }: Step): string {
  return parent ? joinPaths(pathToStep(parent), typeof key === 'number' ? `[${key}]` : key) : '';
}
