import {
  isModelClass,
  propertyTypeOf,
  documentedPropertiesOf,
  hasAdditionalProperties,
  hasGetter,
  pluginFactoryOf,
} from '../metadata/model.js';
import type { ModelClass, DeclaredSchema } from '../metadata/model.js';
import type { ModelLibraries } from './model-libraries.js';
import { FREE, shapeOfSchema } from './model-shape.js';
import type { Discriminator, Shape } from './model-shape.js';

/** The built-in types that `@Type()` can convert a value to. */
export type ScalarType = typeof String | typeof Number | typeof Boolean | typeof Date;

/** The types of the value of a property. */
interface PropertyType {
  readonly shape: Shape;
  /** The built-in type that `@Type()` converts the value to. */
  readonly scalar: ScalarType | undefined;
}

/** The declarations of one property of a class. */
export interface PropertyPlan {
  /** The name in JSON: that of `@Expose({ name })`, or the property's own. */
  readonly name: string;
  readonly isExcluded: boolean;
  /** Whether it has `@Expose()`. If it is a method, its result is written. */
  readonly isExposed: boolean;
  /** Returns the types of its value. `@Type()` can decide by the object that contains it. */
  readonly typeIn: (object: object) => PropertyType;
  /** Applies every `@Transform()`, in the order of class-transformer. */
  readonly transform: ((value: unknown, object: object) => unknown) | undefined;
}

/** How many properties that are not declared are known of a class. */
const MAX_UNDECLARED = 1_000;

const SCALAR_TYPES = new Set<unknown>([String, Number, Boolean, Date]);

/** The declarations of a class by the decorators of all libraries and by the CLI plugin, read once. */
export class ClassPlan {
  /**
   * The names of its properties, including those in `@Expose()` and `@ApiProperty()`; `undefined` if the class has no
   * declarations.
   */
  readonly declared: ReadonlySet<string> | undefined;
  /** Whether no decorator of class-transformer says otherwise than `JSON.stringify()` what is written of an instance. */
  readonly isBare: boolean;
  /**
   * What is written although instances do not have it as an own property: members with `@Expose()`, and declared
   * getters.
   */
  readonly inherited: readonly string[];
  readonly #documented: ReadonlyMap<string, DeclaredSchema>;
  readonly #isOpen: boolean;
  readonly #writesExposedOnly: boolean;
  readonly #excluded: ReadonlySet<string>;
  readonly #exposed: ReadonlySet<string>;
  /** The properties that `@Expose()` and `@ApiProperty()` rename, by their new name. */
  readonly #renamed: ReadonlyMap<string, string>;
  readonly #properties = new Map<string, PropertyPlan>();
  readonly #factory: unknown;

  constructor(
    readonly Class: ModelClass,
    private readonly libraries: ModelLibraries,
  ) {
    const { transformations: found, validations } = libraries;
    const toPlain = libraries.transformer.TransformationType.CLASS_TO_PLAIN;
    this.#factory = pluginFactoryOf(Class);
    this.#documented = documentedPropertiesOf(Class);
    this.#isOpen = hasAdditionalProperties(Class);
    this.#writesExposedOnly = found.getStrategy(Class) === 'excludeAll';
    this.#excluded = new Set(found.getExcludedProperties(Class, toPlain));
    this.#exposed = new Set(found.getExposedProperties(Class, toPlain));
    this.#renamed = new Map([
      ...[...this.#documented].flatMap(([key, { name }]): [string, string][] =>
        typeof name === 'string' ? [[name, key]] : [],
      ),
      ...found
        .getExposedMetadatas(Class)
        .map(({ propertyName: key = '', options }): [string, string] => [options?.name ?? key, key]),
    ]);
    const names = new Set([
      ...this.#documented.keys(),
      ...this.#renamed.keys(),
      ...this.#renamed.values(),
      ...validations.getTargetValidationMetadatas(Class, '', true, false).map(({ propertyName }) => propertyName),
      ...keysIn(found._typeMetadatas, Class),
      ...keysIn(found._transformMetadatas, Class),
    ]);
    this.declared = names.size > 0 ? names : undefined;
    this.isBare = isModelClass(Class) && names.size === 0 && this.#excluded.size === 0 && !this.#writesExposedOnly;
    this.inherited = [...new Set([...this.#exposed, ...[...names].filter((name) => hasGetter(Class, name))])];
  }

  /** Whether it is up to date: the CLI plugin can add its declarations later. */
  isCurrent(): boolean {
    return pluginFactoryOf(this.Class) === this.#factory;
  }

  /** Whether a property of this name is declared or allowed. */
  allows(name: string): boolean {
    return this.declared === undefined || this.#isOpen || this.declared.has(name);
  }

  /** Returns the property for a name in JSON. */
  keyOf(name: string): string {
    return this.#renamed.get(name) ?? name;
  }

  property(key: string): PropertyPlan {
    const known = this.#properties.get(key);
    if (known) return known;
    const plan = this.#plan(key);
    // Data from outside can have any number of undeclared names.
    if (this.declared?.has(key) || this.#properties.size < MAX_UNDECLARED) this.#properties.set(key, plan);
    return plan;
  }

  #plan(key: string): PropertyPlan {
    const { transformations } = this.libraries;
    const expose = transformations.findExposeMetadata(this.Class, key) as
      | { options?: { name?: string; groups?: string[] } }
      | undefined;
    const isExposed = this.#exposed.has(key);
    return {
      name: expose?.options?.name ?? key,
      // No group is given, so class-transformer leaves out properties that are exposed to groups only.
      isExcluded:
        this.#excluded.has(key) ||
        (this.#writesExposedOnly && !isExposed) ||
        (expose?.options?.groups ?? []).length > 0,
      isExposed,
      typeIn: this.#typeOf(key),
      transform: this.#transformOf(key),
    };
  }

  #typeOf(key: string): PropertyPlan['typeIn'] {
    // The type of class-transformer says that it is never undefined.
    const metadata = this.libraries.transformations.findTypeMetadata(this.Class, key) as
      | ReturnType<typeof this.libraries.transformations.findTypeMetadata>
      | undefined;
    if (!metadata) {
      const declared = { shape: this.#declaredShape(key), scalar: undefined };
      return () => declared;
    }
    const { typeFunction, reflectedType, options } = metadata;
    const { discriminator } = (options ?? {}) as { discriminator?: Discriminator };
    const read = (object?: object): PropertyType => {
      const type: unknown = typeFunction
        ? typeFunction(object && { object: object as Record<string, unknown>, newObject: object, property: key })
        : reflectedType;
      // With a discriminator, the type is often `Object`.
      if (discriminator) {
        return { shape: { kind: 'class', Class: type as ModelClass, isMade: true, discriminator }, scalar: undefined };
      }
      if (isModelClass(type)) return { shape: { kind: 'class', Class: type, isMade: true }, scalar: undefined };
      return { shape: this.#declaredShape(key), scalar: SCALAR_TYPES.has(type) ? (type as ScalarType) : undefined };
    };
    // A function with a parameter can decide differently for each object.
    if (typeFunction?.length > 0) return read;
    let known: PropertyType | undefined;
    return () => (known ??= read());
  }

  #declaredShape(key: string): Shape {
    const documented = this.#documented.get(key);
    if (documented) return shapeOfSchema(documented, this.Class);
    const type = propertyTypeOf(this.Class, key);
    return isModelClass(type) ? { kind: 'class', Class: type, isMade: false } : FREE;
  }

  #transformOf(key: string): PropertyPlan['transform'] {
    const { transformer, transformations } = this.libraries;
    const type = transformer.TransformationType.CLASS_TO_PLAIN;
    const found = transformations
      .findTransformMetadatas(this.Class, key, type)
      .filter(({ options }) => !options?.groups?.length);
    if (found.length === 0) return undefined;
    return (value, obj) =>
      found.reduce<unknown>(
        (made, { transformFn }) => transformFn({ value: made, key, obj, type, options: {} }) as unknown,
        value,
      );
  }
}

/** Returns the keys of a class and its base classes. */
function keysIn(metadata: ReadonlyMap<object, ReadonlyMap<string | undefined, unknown>>, Class: ModelClass): string[] {
  const keys: string[] = [];
  for (let target: object | null = Class; target; target = Reflect.getPrototypeOf(target)) {
    for (const key of metadata.get(target)?.keys() ?? []) if (key !== undefined) keys.push(key);
  }
  return keys;
}
