import 'reflect-metadata';
import { prototypeChainOf } from './route-metadata.js';
import { SWAGGER_METADATA } from './swagger-metadata.js';

/** A class of the app whose decorators declare how its instances are documented, written and checked. */
export type ModelClass = new () => object;

/** The members of classes that give their value later or in parts: promises, observables, streams, Nest's files. */
const CONTAINER_MEMBERS = [['then'], ['subscribe', 'pipe'], [Symbol.asyncIterator], [Symbol.iterator], ['getStream']];

/**
 * Whether a type in decorator metadata is a class of the app. For other types TypeScript writes a global such as
 * `Object`, `Promise` or `String`. It does not write what `Observable<Reply>` and other containers hold.
 */
export function isModelClass(type: unknown): type is ModelClass {
  return (
    typeof type === 'function' && (globalThis as Record<string, unknown>)[type.name] !== type && !isContainer(type)
  );
}

function isContainer({ prototype }: { prototype?: unknown }): boolean {
  if (typeof prototype !== 'object' || prototype === null) return false;
  return CONTAINER_MEMBERS.some((members) => members.every((member) => member in prototype));
}

/** Returns the type of a property from TypeScript's decorator metadata. */
export function propertyTypeOf(Class: ModelClass, name: string): unknown {
  return Reflect.getMetadata('design:type', Class.prototype as object, name);
}

/** The documented type of a value: of a body, a query or a reply. */
export interface Model {
  /** The class of the value or of its items, or what TypeScript writes for other types. */
  readonly type?: unknown;
  /** Whether the value is an array of items that the rest of the model describes. */
  readonly isArray?: boolean | undefined;
  /** The Standard Schema of the value, or of its items. */
  readonly standardSchema?: unknown;
}

/**
 * Reads the model that decorators declare. `@nestjs/swagger` accepts a class, an array with a class, or a function
 * (`{ type: () => Class }`), which it recognizes by its name.
 */
export function readModel({ type, isArray, standardSchema }: Model): Model {
  const given = resolveType(type);
  const isList = Array.isArray(given);
  const item: unknown = isList ? given[0] : given;
  return { type: item, isArray: isList || isArray, standardSchema: standardSchema ?? schemaOfClass(item) };
}

/** `@nestjs/swagger` accepts a function instead of a type, and recognizes it by its name: `{ type: () => Class }`. */
export function resolveType(type: unknown): unknown {
  // A function with this name has no parameters.
  return typeof type === 'function' && type.name === 'type' ? (type as () => unknown)() : type;
}

/** Returns the Standard Schema in the static `schema` of a class, as nestjs-zod's classes have one. */
function schemaOfClass(type: unknown): unknown {
  const schema: unknown = isModelClass(type) ? Reflect.get(type, 'schema') : undefined;
  const isSchema = (typeof schema === 'object' && schema !== null) || typeof schema === 'function';
  return isSchema && '~standard' in schema ? schema : undefined;
}

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
  const chain = prototypeChainOf(Class.prototype as object).map(
    (prototype) => pluginFactoryOf(prototype.constructor)?.() ?? {},
  );
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
  return prototypeChainOf(Class.prototype as object).some(
    (prototype) => Object.getOwnPropertyDescriptor(prototype, name)?.get !== undefined,
  );
}

/** Whether the instances of a class have a `toJSON()` method. */
export function writesItsOwnJson(Class: ModelClass): boolean {
  return typeof (Class.prototype as { toJSON?: unknown }).toJSON === 'function';
}
