import 'reflect-metadata';

/** A class of the user, whose decorators say how its instances are documented, written and checked. */
export type ModelClass = new () => object;

/** What a class has that gives its value later or in parts: of a promise, an observable, a stream, a file of Nest's. */
const CONTAINER_MEMBERS = [['then'], ['subscribe', 'pipe'], [Symbol.asyncIterator], [Symbol.iterator], ['getStream']];

/**
 * Whether a type, as decorator metadata has it, is a class of the user. What TypeScript writes for types that are none
 * (`Object`, `Promise`, `String`, …) is a global of the language; of what `Observable<Reply>` and other containers
 * hold it writes nothing.
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

/** The type of a property of a class, as TypeScript's decorator metadata tells it. */
export function propertyTypeOf(Class: ModelClass, name: string): unknown {
  return Reflect.getMetadata('design:type', Class.prototype as object, name);
}
