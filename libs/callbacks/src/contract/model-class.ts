import 'reflect-metadata';

/** A class of the user, whose decorators say how its instances are documented, written and checked. */
export type ModelClass = new () => object;

/**
 * Whether a type, as decorator metadata has it, is a class of the user. What TypeScript writes for types that are none
 * (`Object`, `Promise`, `String`, …) is a global of the language.
 */
export function isModelClass(type: unknown): type is ModelClass {
  return typeof type === 'function' && (globalThis as Record<string, unknown>)[type.name] !== type;
}

/** The type of a property of a class, as TypeScript's decorator metadata tells it. */
export function propertyTypeOf(Class: ModelClass, name: string): unknown {
  return Reflect.getMetadata('design:type', Class.prototype as object, name);
}
