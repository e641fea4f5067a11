import 'reflect-metadata';
import type { ModelClass } from './model-class.js';
import { SWAGGER_METADATA } from './swagger-metadata.js';

/** The static method in which the CLI plugin of `@nestjs/swagger` writes what it read of a class. */
const PLUGIN_FACTORY = '_OPENAPI_METADATA_FACTORY';

/** What a decorator or the CLI plugin says of a value: its type, or the keywords of a schema. */
export type DeclaredSchema = Readonly<Record<string, unknown>>;

/** What `@ApiSchema()` says of a class. */
interface ClassSchema {
  readonly name?: string;
  readonly additionalProperties?: unknown;
}

/** The properties that a document shows of a class, and what is said of each: as `@nestjs/swagger` reads them. */
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

/** What the CLI plugin wrote of a class and of those that it extends. */
function pluginPropertiesOf(Class: ModelClass): Readonly<Record<string, DeclaredSchema>> {
  const chain = modelPrototypesOf(Class).map((prototype) => pluginFactoryOf(prototype.constructor)?.() ?? {});
  return Object.assign({}, ...chain.toReversed()) as Readonly<Record<string, DeclaredSchema>>;
}

/**
 * The function of the CLI plugin on a class. It can come late: with SWC, `SwaggerModule.loadPluginMetadata()` puts it
 * there.
 */
export function pluginFactoryOf(Class: object): (() => Readonly<Record<string, DeclaredSchema>>) | undefined {
  const factory: unknown = Reflect.get(Class, PLUGIN_FACTORY);
  return typeof factory === 'function' ? (factory as () => Readonly<Record<string, DeclaredSchema>>) : undefined;
}

/** The name of a class in `components.schemas`. */
export function schemaNameOf(Class: ModelClass): string {
  return classSchemaOf(Class).name ?? Class.name;
}

/** Whether `@ApiSchema()` says that a class has more properties than it declares. */
export function hasAdditionalProperties(Class: ModelClass): boolean {
  const { additionalProperties = false } = classSchemaOf(Class);
  return additionalProperties !== false;
}

function classSchemaOf(Class: ModelClass): ClassSchema {
  const schemas = (Reflect.getOwnMetadata(SWAGGER_METADATA.SCHEMA, Class) ?? []) as ClassSchema[];
  return schemas.at(-1) ?? {};
}

/** The classes that `@ApiExtraModels()` names on a class or a method. */
export function extraModelsOf(target: object): readonly ModelClass[] {
  return (Reflect.getMetadata(SWAGGER_METADATA.EXTRA_MODELS, target) ?? []) as ModelClass[];
}

/** Whether a class has a getter of this name, which no instance has as a property of its own. */
export function hasGetter(Class: ModelClass, name: string): boolean {
  return modelPrototypesOf(Class).some(
    (prototype) => Object.getOwnPropertyDescriptor(prototype, name)?.get !== undefined,
  );
}

/** Whether the instances of a class say themselves what JSON is written of them. */
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
