import { WarnOnce } from './warn-once.js';
import { qualifiedNameOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { isModelClass, extraModelsOf, writesItsOwnJson, readModel } from '../metadata/model.js';
import type { ModelClass } from '../metadata/model.js';
import { loadModelPlans } from './model-plans.js';
import type { ModelPlans } from './model-plans.js';
import { shapeOfSchema } from './model-shape.js';
import type { Shape } from './model-shape.js';

export const UNDECLARED_MODES = ['remove', 'error', 'send'] as const;

/** What happens to a property that the model of an argument does not declare. */
export type UndeclaredMode = (typeof UNDECLARED_MODES)[number];

/** A given property that is not declared. */
export interface UndeclaredProperty {
  /** The qualified name of the callback. */
  readonly callback: string;
  /** The class or schema that does not declare it. */
  readonly model: string;
  readonly property: string;
  /** Whether the CLI plugin has added its declarations to the class. */
  readonly isReadByPlugin: boolean;
}

const WITHOUT_PLUGIN =
  ' If the CLI plugin of @nestjs/swagger declares it in production: the plugin runs in `nest build` only, not in test ' +
  'runners; with SWC, call SwaggerModule.loadPluginMetadata() before you send.';

/** Warns once about each undeclared property and each class without declarations. */
export class UndeclaredProperties {
  readonly #warnings: WarnOnce;

  constructor(
    readonly mode: UndeclaredMode,
    warn: (message: string) => void,
  ) {
    this.#warnings = new WarnOnce(warn, 'undeclared properties');
  }

  warnOfProperty({ callback, model, property, isReadByPlugin }: UndeclaredProperty): void {
    this.#warnings.about(
      `${model}.${property}`,
      () =>
        `${callback} is sent without ${JSON.stringify(property)}: ${model} does not declare it. Fix: declare it in ${model}, ` +
        `for example with @ApiProperty(), or remove it; undeclaredProperties: 'send' sends it.` +
        (isReadByPlugin ? '' : WITHOUT_PLUGIN),
    );
  }

  warnOfClass(model: string, callback: string): void {
    this.#warnings.about(
      model,
      () =>
        `${callback} sends ${model}, which has no declared properties: it is neither documented nor checked, and sent whole. ` +
        `Fix: decorate its properties with @ApiProperty() and the decorators of class-validator, or let the CLI plugin of ` +
        `@nestjs/swagger do so: it runs in \`nest build\` only, not in test runners; with SWC, call ` +
        `SwaggerModule.loadPluginMetadata() before the app starts.`,
    );
  }
}

/** For callers without an app and its logger. */
export const REMOVE_UNDECLARED = new UndeclaredProperties('remove', (message) =>
  process.emitWarning(message, 'CallbacksWarning'),
);

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
