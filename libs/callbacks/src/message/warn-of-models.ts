import { qualifiedNameOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { isModelClass, extraModelsOf, writesItsOwnJson, readModel } from '../metadata/model.js';
import type { ModelClass } from '../metadata/model.js';
import { loadModelPlans } from './model-plans.js';
import type { ModelPlans } from './model-plans.js';
import { shapeOfSchema } from './model-shape.js';
import type { Shape } from './model-shape.js';
import type { UndeclaredProperties } from './undeclared-properties.js';

/** Warns about every class that the operations send and that has no declared properties, including nested classes. */
export async function warnOfModels(
  operations: readonly ReceiverOperation[],
  undeclared: UndeclaredProperties,
): Promise<void> {
  for (const operation of operations) {
    const { callbacks, method } = operation;
    const sent = operation.arguments.filter(({ standardSchema }) => standardSchema === undefined);
    const shapes = sent.map(({ type, schema }): Shape => {
      return isModelClass(type) ? { kind: 'class', Class: type, isMade: true } : shapeOfSchema(schema);
    });
    if (shapes.every(({ kind }) => kind === 'free' || kind === 'scalar')) continue;
    const extraModels = [...extraModelsOf(method), ...extraModelsOf(callbacks)];
    const found = new Set<ModelClass>();
    const plans = await loadModelPlans();
    for (const shape of shapes) collectClasses(plans, shape, extraModels, found);
    for (const Class of found) {
      if (plans.of(Class).declared === undefined) undeclared.warnOfClass(Class.name, qualifiedNameOf(operation));
    }
  }
}

/** Collects the classes in a shape, except those that write their own JSON. */
function collectClasses(
  plans: ModelPlans,
  shape: Shape,
  extraModels: readonly ModelClass[],
  found: Set<ModelClass>,
): void {
  const collect = (inner: Shape) => collectClasses(plans, inner, extraModels, found);
  switch (shape.kind) {
    case 'class': {
      const { Class, discriminator } = shape;
      for (const { value } of discriminator?.subTypes ?? []) collect({ kind: 'class', Class: value, isMade: true });
      const isKnown = found.has(Class) || readModel({ type: Class }).standardSchema !== undefined;
      if (!isModelClass(Class) || isKnown || writesItsOwnJson(Class)) return;
      found.add(Class);
      const plan = plans.of(Class);
      for (const name of plan.declared ?? []) collect(plan.property(name).typeIn({}).shape);
      return;
    }
    case 'object':
      [...shape.properties.values(), ...(shape.rest ? [shape.rest] : [])].forEach(collect);
      return;
    case 'reference':
      collect(plans.resolve(shape, extraModels));
      return;
    case 'oneOf':
    case 'allOf':
      shape.shapes.forEach(collect);
      return;
    default:
      return;
  }
}
