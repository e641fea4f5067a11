import { isJsonObject } from '../expression/json.js';
import { isModelClass, resolveType } from '../metadata/model.js';
import type { ModelClass, DeclaredSchema } from '../metadata/model.js';

/** The `discriminator` of `@Type()`: the possible classes of a value, and the property that distinguishes them. */
export interface Discriminator {
  readonly property: string;
  readonly subTypes: readonly { readonly value: ModelClass; readonly name: string }[];
}

/** The declared shape of a value. It also applies to each item of an array or a Set, and to each value of a Map. */
export type Shape =
  /** Anything: `any`, `Record`, an interface, a built-in type. */
  | { readonly kind: 'free' }
  /** A string, a number, a boolean or null. */
  | { readonly kind: 'scalar' }
  /** An instance of a class. `isMade`: a plain object becomes an instance even if the class has no declarations. */
  | {
      readonly kind: 'class';
      readonly Class: ModelClass;
      readonly isMade: boolean;
      readonly discriminator?: Discriminator;
    }
  /** An object with these properties; `rest` is the shape of all others, if they are allowed. */
  | { readonly kind: 'object'; readonly properties: ReadonlyMap<string, Shape>; readonly rest: Shape | undefined }
  /** A model, by its name in the document; `owner` is the class whose decorators name it. */
  | { readonly kind: 'reference'; readonly name: string; readonly owner: ModelClass | undefined }
  /** One of several shapes (`oneOf`, `anyOf`), or all of them together (`allOf`). */
  | { readonly kind: 'oneOf' | 'allOf'; readonly shapes: readonly Shape[] };

export type ClassShape = Extract<Shape, { kind: 'class' }>;
export type ReferenceShape = Extract<Shape, { kind: 'reference' }>;
export type SeveralShapes = Extract<Shape, { kind: 'oneOf' | 'allOf' }>;

export const FREE: Shape = { kind: 'free' };
const SCALAR: Shape = { kind: 'scalar' };
const SCALAR_TYPES = new Set<unknown>(['string', 'number', 'integer', 'boolean', 'null']);

/**
 * Returns the declared shape of a property, a parameter or a schema: `@nestjs/swagger` has one format for all of them.
 */
export function shapeOfSchema(schema: unknown, owner?: ModelClass): Shape {
  if (!isJsonObject(schema)) return FREE;
  if (typeof schema['$ref'] === 'string') return { kind: 'reference', name: schema['$ref'].split('/').at(-1)!, owner };
  const own = shapeOfType(schema, owner);
  const allOf = shapesOf(schema['allOf'], owner);
  const oneOf = shapesOf([schema['oneOf'] ?? [], schema['anyOf'] ?? []].flat(), owner).filter(isNotScalar);
  const alternatives: Shape[] = oneOf.length > 0 ? [unite('oneOf', oneOf)] : [];
  const parts = [...allOf, ...alternatives];
  if (parts.length === 0) return own;
  return unite('allOf', own.kind === 'object' ? [own, ...parts] : parts);
}

/** Combines shapes. A single shape is returned unchanged. */
export function unite(kind: 'oneOf' | 'allOf', shapes: readonly Shape[]): Shape {
  return shapes.length === 1 ? shapes[0]! : { kind, shapes };
}

function shapeOfType(schema: DeclaredSchema, owner: ModelClass | undefined): Shape {
  const type = itemOf(resolveType(schema['type']));
  if (isModelClass(type)) return { kind: 'class', Class: type, isMade: false };
  // The CLI plugin writes an anonymous type as its properties.
  if (isJsonObject(type))
    return isEnum(type) ? SCALAR : { kind: 'object', properties: shapesByName(type, owner), rest: undefined };
  if (isJsonObject(schema['items'])) return shapeOfSchema(schema['items'], owner);
  const { properties, additionalProperties } = schema;
  if (isJsonObject(properties) || isJsonObject(additionalProperties)) {
    const isOpen = additionalProperties !== undefined && additionalProperties !== false;
    const rest = isOpen ? shapeOfSchema(additionalProperties, owner) : undefined;
    return { kind: 'object', properties: shapesByName(isJsonObject(properties) ? properties : {}, owner), rest };
  }
  return SCALAR_TYPES.has(type) || type === String || type === Number || type === Boolean ? SCALAR : FREE;
}

function shapesByName(schemas: DeclaredSchema, owner: ModelClass | undefined): Map<string, Shape> {
  return new Map(Object.entries(schemas).map(([name, schema]) => [name, shapeOfSchema(schema, owner)]));
}

function shapesOf(schemas: unknown, owner: ModelClass | undefined): Shape[] {
  return Array.isArray(schemas) ? schemas.map((schema) => shapeOfSchema(schema, owner)) : [];
}

/** The type of the items of an array, however deep: `[[Class]]`. */
function itemOf(type: unknown): unknown {
  return Array.isArray(type) ? itemOf(type[0]) : type;
}

function isEnum(type: DeclaredSchema): boolean {
  const values = Object.values(type);
  return values.length > 0 && values.every((value) => typeof value === 'string' || typeof value === 'number');
}

function isNotScalar({ kind }: Shape): boolean {
  return kind !== 'scalar';
}
