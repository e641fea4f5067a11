import type { ModelClass } from '../contract/model-class.js';
import { requirePeer } from '../contract/require-peer.js';

/** What class-transformer never writes. To class-validator they would be what an object is checked by. */
const NO_PROPERTIES = new Set(['__proto__', 'constructor']);

type Transformer = typeof import('class-transformer');

let transformer: Promise<Transformer> | undefined;

/** class-transformer, loaded when it is first needed. A repeated `import()` would resolve its name again. */
const loadTransformer = () => (transformer ??= importTransformer());

async function importTransformer() {
  requirePeer('class-transformer', 'nestjs-callbacks');
  return import('class-transformer');
}

/** A reply, which came as JSON, as instances of a class: by the names that `@Expose()` gives its properties. */
export async function fromJson(Class: ModelClass, json: unknown): Promise<unknown> {
  return isObject(json) ? (await loadTransformer()).plainToInstance(Class, json) : json;
}

/**
 * An argument as an instance of the class that it is declared as, with instances of their classes nested in it: what
 * is a plain object would be sent unchecked. Properties have the names that they have in the class, and the values
 * that they were given: `@Transform()` is for `toPlain()`, and applies once. What was given is not changed.
 */
export async function toInstance(Class: ModelClass, value: unknown): Promise<unknown> {
  if (!isObject(value) || (value instanceof Class && !hasPlainPart(value))) return value;
  return complete(await loadTransformer(), Class, value);
}

/** What is sent of a value: `@Exclude()`, `@Expose()` and `@Transform()` apply to the instances in it. */
export async function toPlain(value: unknown): Promise<unknown> {
  return isObject(value) ? keepTexts((await loadTransformer()).instanceToPlain(value), value) : value;
}

/** Takes back what class-transformer made of objects that stand for one text: it takes a URL or a decimal apart. */
function keepTexts(plain: unknown, given: unknown): unknown {
  // Anything else than the parts of what was given is what a `@Transform()` made of it.
  if (!isObject(plain) || !isObject(given) || given instanceof Date) return plain;
  const isTakenApart = Object.keys(plain).every((key) => Object.hasOwn(given, key));
  const text = isTakenApart ? ownTextOf(given) : undefined;
  if (text !== undefined) return text;
  for (const [key, value] of Object.entries(plain)) {
    if (isObject(value)) Reflect.set(plain, key, keepTexts(value, Reflect.get(given, key)));
  }
  return plain;
}

/** The text that an object gives of itself where JSON is written of it. */
function ownTextOf(value: object): string | undefined {
  if (value instanceof URLSearchParams) return value.toString();
  const json: unknown = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : undefined;
  return typeof json === 'string' ? json : undefined;
}

function complete(library: Transformer, Class: ModelClass, given: object): unknown {
  const options = { ignoreDecorators: true };
  // An instance is copied without its constructor, whose arguments nobody knows.
  const made: unknown =
    given instanceof Class
      ? library.plainToClassFromExist(
          Object.create(Object.getPrototypeOf(given) as object) as object,
          skeletonOf(given),
          options,
        )
      : library.plainToInstance(Class, skeletonOf(given), options);
  return keepValues(library, made, given, true);
}

/**
 * A copy for class-transformer to work on, which takes discriminators out of what it reads. Nested instances are left
 * out: they are completed one by one.
 */
function skeletonOf(given: object): object {
  return Array.isArray(given)
    ? given.map(skeletonPart)
    : Object.fromEntries(
        Object.entries(given).flatMap(([key, value]) => (NO_PROPERTIES.has(key) ? [] : [[key, skeletonPart(value)]])),
      );
}

function skeletonPart(value: unknown): unknown {
  if (!isObject(value)) return value;
  return isPlain(value) ? skeletonOf(value) : standInFor(value);
}

/** What `@Transform()` takes for an instance, and class-transformer for a function, which it does not take apart. */
function standInFor(instance: object): object {
  return new Proxy(() => undefined, {
    get(_, key) {
      const found: unknown = Reflect.get(instance, key);
      return typeof found === 'function' ? (found.bind(instance) as unknown) : found;
    },
    getPrototypeOf: () => Reflect.getPrototypeOf(instance),
  });
}

/** Takes back what class-transformer made of single values: it has no option to leave `@Transform()` out. */
function keepValues(library: Transformer, made: unknown, given: unknown, isRoot = false): unknown {
  // A Date of a text is what `@Type()` says.
  if (!isObject(given)) return isObject(made) ? made : given;
  if (!isRoot && !isPlain(given)) return hasPlainPart(given) ? complete(library, classOf(given), given) : given;
  if (!isObject(made) || Array.isArray(made) !== Array.isArray(given)) return given;
  for (const [key, value] of Object.entries(given)) {
    if (!NO_PROPERTIES.has(key)) Reflect.set(made, key, keepValues(library, Reflect.get(made, key), value));
  }
  return made;
}

/** Whether a part of an instance, or of what is nested in it, would be no instance of its class to class-validator. */
function hasPlainPart(value: object): boolean {
  if (Object.hasOwn(value, 'constructor')) return true;
  return Object.values(value).some(
    (part) => isObject(part) && ((isPlain(part) && !Array.isArray(part)) || hasPlainPart(part)),
  );
}

function classOf(value: object): ModelClass {
  return (Object.getPrototypeOf(value) as { constructor: ModelClass }).constructor;
}

/** Whether a value is an array or an object of no class. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
