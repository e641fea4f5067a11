import type { ModelClass } from '../contract/model-class.js';

let transformer: Promise<typeof import('class-transformer')> | undefined;

/** class-transformer, loaded when it is first needed. A repeated `import()` would resolve its name again. */
const loadTransformer = () => (transformer ??= import('class-transformer'));

/** A reply, which came as JSON, as instances of a class: by the names that `@Expose()` gives its properties. */
export async function fromJson(Class: ModelClass, json: unknown): Promise<unknown> {
  return isObject(json) ? (await loadTransformer()).plainToInstance(Class, json) : json;
}

/**
 * An argument as an instance of the class that it is declared as. What is one stays as it is; an object that only has
 * the class's properties, by the names that they have in the class, becomes one, with all that is nested in it. Its
 * values are the class's already: `@Transform()` is for `toPlain()`, and applies once.
 */
export async function toInstance(Class: ModelClass, value: unknown): Promise<unknown> {
  if (!isObject(value) || value instanceof Class) return value;
  return keepValues((await loadTransformer()).plainToInstance(Class, value, { ignoreDecorators: true }), value);
}

/** Takes back what class-transformer made of single values: it has no option to leave `@Transform()` out. */
function keepValues(made: unknown, given: unknown): unknown {
  // A Date of a text is what `@Type()` says.
  if (!isObject(given)) return isObject(made) ? made : given;
  if (!isObject(made) || Array.isArray(made) !== Array.isArray(given)) return given;
  for (const [key, value] of Object.entries(given)) {
    if (key !== '__proto__') Reflect.set(made, key, keepValues(Reflect.get(made, key), value));
  }
  return made;
}

/** What is sent of a value: `@Exclude()`, `@Expose()` and `@Transform()` apply to the instances in it. */
export async function toPlain(value: unknown): Promise<unknown> {
  return isObject(value) ? (await loadTransformer()).instanceToPlain(value) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
