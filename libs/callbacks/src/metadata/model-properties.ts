import 'reflect-metadata';
import type { ModelClass } from './model-class.js';
import { SWAGGER_METADATA } from './swagger-metadata.js';

/** The static method that the CLI plugin of `@nestjs/swagger` adds to a class. */
const PLUGIN_FACTORY = '_OPENAPI_METADATA_FACTORY';

/** What a decorator or the CLI plugin declares about a value: its type, or the keywords of a schema. */
export type DeclaredSchema = Readonly<Record<string, unknown>>;

/** The options of `@ApiSchema()`. */
interface ClassSchema {
  readonly name?: string;
  readonly additionalProperties?: unknown;
}

/** Returns the documented properties of a class with their declarations, as `@nestjs/swagger` reads them. */
export function documentedPropertiesOf(Class: ModelClass): Map<string, DeclaredSchema> {
  const prototype = Class.prototype as object;
  const names = (Reflect.getMetadata(SWAGGER_METADATA.MODEL_PROPERTY_NAMES, prototype) ?? []) as string[];
  const ofPlugin = pluginPropertiesOf(Class);
  const keys = new Set([...Object.keys(ofPlugin), ...names.map((name) => name.slice(1))]);
  return new Map(
    [...keys].map((key) => {
      const ofDecorator = Reflect.getMetadata(SWAGGER_METADATA.MODEL_PROPERTIES, prototype, key) as object | undefined;
      return [key, { ...ofPlugin[key], ...ofDecorator }];
    }),
  );
}

/** Returns what the CLI plugin wrote for a class and its base classes. */
function pluginPropertiesOf(Class: ModelClass): Readonly<Record<string, DeclaredSchema>> {
  const chain = modelPrototypesOf(Class).map((prototype) => pluginFactoryOf(prototype.constructor)?.() ?? {});
  return Object.assign({}, ...chain.toReversed()) as Readonly<Record<string, DeclaredSchema>>;
}

/**
 * Returns the function that the CLI plugin added to a class. With SWC, `SwaggerModule.loadPluginMetadata()` adds it at
 * run time.
 */
export function pluginFactoryOf(Class: object): (() => Readonly<Record<string, DeclaredSchema>>) | undefined {
  const factory: unknown = Reflect.get(Class, PLUGIN_FACTORY);
  return typeof factory === 'function' ? (factory as () => Readonly<Record<string, DeclaredSchema>>) : undefined;
}

/** Returns the name of a class in `components.schemas`. */
export function schemaNameOf(Class: ModelClass): string {
  return classSchemaOf(Class).name ?? Class.name;
}

/** Whether `@ApiSchema()` allows properties that the class does not declare. */
export function hasAdditionalProperties(Class: ModelClass): boolean {
  const { additionalProperties = false } = classSchemaOf(Class);
  return additionalProperties !== false;
}

function classSchemaOf(Class: ModelClass): ClassSchema {
  const schemas = (Reflect.getOwnMetadata(SWAGGER_METADATA.SCHEMA, Class) ?? []) as ClassSchema[];
  return schemas.at(-1) ?? {};
}

/** Returns the classes that `@ApiExtraModels()` names on a class or a method. */
export function extraModelsOf(target: object): readonly ModelClass[] {
  return (Reflect.getMetadata(SWAGGER_METADATA.EXTRA_MODELS, target) ?? []) as ModelClass[];
}

/** Whether a class has a getter of this name. Instances do not have it as an own property. */
export function hasGetter(Class: ModelClass, name: string): boolean {
  return modelPrototypesOf(Class).some(
    (prototype) => Object.getOwnPropertyDescriptor(prototype, name)?.get !== undefined,
  );
}

/** Whether the instances of a class have a `toJSON()` method. */
export function writesItsOwnJson(Class: ModelClass): boolean {
  return typeof (Class.prototype as { toJSON?: unknown }).toJSON === 'function';
}

function modelPrototypesOf(Class: ModelClass): object[] {
  const prototypes: object[] = [];
  let prototype = Class.prototype as object | null;
  while (prototype && prototype !== Object.prototype) {
    prototypes.push(prototype);
    prototype = Reflect.getPrototypeOf(prototype);
  }
  return prototypes;
}
