import type { ModelClass } from '../metadata/model.js';
import { isModelClass, extraModelsOf, schemaNameOf } from '../metadata/model.js';
import { ClassPlan } from './class-plan.js';
import { loadModelLibraries } from './model-libraries.js';
import type { ModelLibraries } from './model-libraries.js';
import { FREE, unite } from './model-shape.js';
import type { ClassShape, ReferenceShape, SeveralShapes, Shape } from './model-shape.js';

let plans: Promise<ModelPlans> | undefined;

/** Returns the declarations of the app's classes. The libraries are loaded when they are first needed. */
export function loadModelPlans(): Promise<ModelPlans> {
  return (plans ??= loadModelLibraries().then((libraries) => new ModelPlans(libraries)));
}

/** The declarations of classes and shapes. */
export class ModelPlans {
  readonly #plans = new WeakMap<ModelClass, ClassPlan>();

  constructor(private readonly libraries: ModelLibraries) {}

  of(Class: ModelClass): ClassPlan {
    const known = this.#plans.get(Class);
    if (known?.isCurrent()) return known;
    const plan = new ClassPlan(Class, this.libraries);
    this.#plans.set(Class, plan);
    return plan;
  }

  /**
   * Returns the shape of a property, by its name in the class or in JSON; `undefined` if it is not declared.
   *
   * @param extraModels - the classes that `@ApiExtraModels()` names for the operation.
   */
  propertyShape(shape: Shape, name: string, extraModels: readonly ModelClass[]): Shape | undefined {
    switch (shape.kind) {
      case 'free':
        return FREE;
      // An object in place of a declared string: its properties are unknown.
      case 'scalar':
        return FREE;
      case 'class': {
        if (shape.discriminator) {
          if (shape.discriminator.property === name) return FREE;
          return this.propertyShape(unite('oneOf', subtypesOf(shape)), name, extraModels);
        }
        const plan = this.of(shape.Class);
        return plan.allows(name) ? plan.property(plan.keyOf(name)).typeIn({}).shape : undefined;
      }
      case 'object':
        return shape.properties.get(name) ?? shape.rest;
      case 'reference':
        return this.propertyShape(this.resolve(shape, extraModels), name, extraModels);
      default:
        return this.#propertyOfSeveral(shape, name, extraModels);
    }
  }

  #propertyOfSeveral(
    { kind, shapes }: SeveralShapes,
    name: string,
    extraModels: readonly ModelClass[],
  ): Shape | undefined {
    const found = shapes.flatMap((shape) => this.propertyShape(shape, name, extraModels) ?? []);
    if (found.length === 0) return undefined;
    const restricting = found.filter((shape) => shape.kind !== 'free');
    if (kind === 'oneOf' && restricting.length < found.length) return FREE;
    return restricting.length === 0 ? FREE : unite(kind, restricting);
  }

  /** Returns the shape of the model that a reference names; a free one if its class is unknown. */
  resolve({ name, owner }: ReferenceShape, extraModels: readonly ModelClass[]): Shape {
    const known = [...(owner ? [owner, ...extraModelsOf(owner)] : []), ...extraModels];
    const Class = known.find((candidate) => schemaNameOf(candidate) === name);
    return Class ? { kind: 'class', Class, isMade: false } : FREE;
  }
}

/** Returns the shapes of the classes that a discriminator distinguishes. */
export function subtypesOf({ Class, discriminator }: ClassShape): ClassShape[] {
  const classes = [
    ...(discriminator?.subTypes ?? []).map(({ value }) => value),
    ...(isModelClass(Class) ? [Class] : []),
  ];
  return classes.map((subType) => ({ kind: 'class', Class: subType, isMade: true }));
}
