import 'reflect-metadata';

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
