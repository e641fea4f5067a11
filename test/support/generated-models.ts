import { ApiProperty, ApiExtraModels, getSchemaPath, PartialType } from '@nestjs/swagger';
import type { Type } from '@nestjs/common';
import { Expose, Type as TypeOf } from 'class-transformer';
import { IsOptional, ValidateNested } from 'class-validator';
import fc from 'fast-check';

/** How a property is declared. */
type Declaration = 'ApiProperty' | 'plugin' | 'ApiProperty and class-validator' | 'ApiProperty and Expose';

/** What a generated class declares. */
export interface ModelSpec {
  readonly properties: readonly PropertySpec[];
  /** Whether its first properties are those of a class that it extends, or it is made by a mapped type. */
  readonly form: 'class' | 'extended' | 'PartialType';
}

interface PropertySpec {
  readonly kind: 'scalar' | 'one' | 'list' | 'map' | 'oneOf' | 'free';
  readonly declaration: Declaration;
  readonly model: ModelSpec | undefined;
}

/** A generated class, and a value of it that has more than it declares. */
export interface GeneratedModel {
  readonly Class: Type<object>;
  readonly value: Record<string, unknown>;
}

const { model: MODELS } = fc.letrec<{ model: ModelSpec; property: PropertySpec }>((tie) => ({
  model: fc.record({
    properties: fc.array(tie('property'), { minLength: 1, maxLength: 4, depthIdentifier: 'model' }),
    form: fc.constantFrom('class', 'extended', 'PartialType'),
  }),
  property: fc.record({
    kind: fc.constantFrom('scalar', 'one', 'list', 'map', 'oneOf', 'free'),
    declaration: fc.constantFrom('ApiProperty', 'plugin', 'ApiProperty and class-validator', 'ApiProperty and Expose'),
    model: fc.option(tie('model'), { nil: undefined, depthIdentifier: 'model', maxDepth: 3 }),
  }),
}));
export { MODELS };

/** Undeclared properties of every kind: a scalar, an object and a key that is special. */
const UNDECLARED = { passwordHash: 'secret', internal: { passwordHash: 'secret' }, constructor: 'secret' };

/** Makes the class that a specification says. Classes and properties have names of their own. */
export function buildModel(spec: ModelSpec, isInstance: boolean, next = counter()): GeneratedModel {
  const id = next();
  const Base = named(class {}, `Base${id}`);
  const Class = named(spec.form === 'extended' ? class extends Base {} : class {}, `Model${id}`);
  const value: Record<string, unknown> = {};
  // As in a file, the class that is extended is decorated first.
  const ofBase = spec.form === 'extended' ? Math.ceil(spec.properties.length / 2) : 0;
  spec.properties.forEach((property, index) => {
    const key = `p${id}_${index}`;
    const target = index < ofBase ? Base : Class;
    value[key] = declare(target, key, property, isInstance, next);
  });
  // A mapped type does not take over what `@ApiExtraModels()` says.
  const extraModels = (Reflect.getMetadata('swagger/apiExtraModels', Class) ?? []) as Type<object>[];
  const Final = spec.form === 'PartialType' ? named(PartialType(Class), `Part${id}`) : Class;
  if (Final !== Class) ApiExtraModels(...extraModels)(Final);
  const given = { ...value, ...UNDECLARED };
  return { Class: Final, value: isInstance ? Object.assign(new Final(), given) : given };
}

function declare(
  target: Type<object>,
  key: string,
  spec: PropertySpec,
  isInstance: boolean,
  next: () => number,
): unknown {
  const { kind, declaration, model } = spec;
  if (kind === 'scalar' || kind === 'free' || model === undefined) {
    decorate(
      target,
      key,
      declaration,
      kind === 'free' ? { type: 'object', additionalProperties: true } : { type: String },
    );
    return kind === 'free' ? { ...UNDECLARED } : 'text';
  }
  const { Class, value } = buildModel(model, isInstance, next);
  if (kind === 'one' || kind === 'list') {
    const isArray = kind === 'list';
    decorate(target, key, declaration, { type: () => Class, isArray });
    if (declaration === 'ApiProperty and class-validator') TypeOf(() => Class)(target.prototype as object, key);
    return isArray ? [value, value] : value;
  }
  ApiExtraModels(Class)(target);
  const reference = { $ref: getSchemaPath(Class) };
  if (kind === 'map') {
    decorate(target, key, declaration, { type: 'object', additionalProperties: reference });
    return { a: value, b: value };
  }
  const other = buildModel(
    { properties: [{ kind: 'scalar', declaration: 'ApiProperty', model: undefined }], form: 'class' },
    isInstance,
    next,
  );
  ApiExtraModels(other.Class)(target);
  decorate(target, key, declaration, { type: Object, oneOf: [reference, { $ref: getSchemaPath(other.Class) }] });
  return value;
}

function decorate(target: Type<object>, key: string, declaration: Declaration, schema: Record<string, unknown>): void {
  const prototype = target.prototype as object;
  Reflect.defineMetadata('design:type', Object, prototype, key);
  if (declaration === 'plugin') {
    const known = Object.getOwnPropertyDescriptor(target, '_OPENAPI_METADATA_FACTORY')?.value as
      | (() => object)
      | undefined;
    const factory = () => ({ ...known?.(), [key]: { required: true, ...schema } });
    Object.defineProperty(target, '_OPENAPI_METADATA_FACTORY', { value: factory, configurable: true, writable: true });
    return;
  }
  const isRenamed = declaration === 'ApiProperty and Expose';
  ApiProperty({ ...schema, ...(isRenamed ? { name: `${key}_out` } : {}) })(prototype, key);
  if (isRenamed) Expose({ name: `${key}_out` })(prototype, key);
  if (declaration !== 'ApiProperty and class-validator') return;
  IsOptional()(prototype, key);
  if (typeof schema['type'] === 'function' && schema['type'] !== String && schema['type'] !== Object) {
    ValidateNested({ each: schema['isArray'] === true })(prototype, key);
  }
}

function counter(): () => number {
  let count = 0;
  return () => (count += 1);
}

function named<T extends Type<object>>(Class: T, name: string): T {
  return Object.defineProperty(Class, 'name', { value: name });
}
