import { isObject } from '../expression/json.js';
import type { MetadataStorage } from 'class-validator';
import type { ModelClass } from '../metadata/model.js';
import { appendKey, loadValidator } from './check-value.js';
import { memoize } from './memoize.js';

/** A part of a value, and its path. */
export interface Part {
  readonly value: unknown;
  readonly path: string;
}

/** The items that were removed from an instance. */
export interface LiftedLists {
  readonly items: readonly Part[];
  /** Puts them back. */
  restore(): void;
}

/** The rules of class-validator that check only whether a value is a list, and its length. */
const RULES_OF_LENGTH = new Set<unknown>([
  'isArray',
  'arrayMinSize',
  'arrayMaxSize',
  'arrayNotEmpty',
  'isOptional',
  'isDefined',
]);

/**
 * Removes the items of `@ValidateNested()` lists from an instance and the objects nested in it, so that they can be
 * checked one by one: class-validator checks an instance with all its parts without a pause, however long that takes.
 * The lists keep their lengths. A list with other rules is not changed.
 */
export async function liftLists({ value, path }: Part): Promise<LiftedLists> {
  const { getMetadataStorage } = await loadValidator();
  const items: Part[] = [];
  const restores: (() => void)[] = [];
  const lift = (object: object, outer: string) => {
    for (const [name, isLiftable] of nestedProperties(object.constructor as ModelClass, getMetadataStorage())) {
      const part: unknown = Reflect.get(object, name);
      if (Array.isArray(part) && isLiftable) {
        restores.push(() => Reflect.set(object, name, part));
        Reflect.set(object, name, emptied(part, appendKey(outer, name), items));
      } else if (isObject(part) && !Array.isArray(part)) {
        lift(part, appendKey(outer, name));
      }
    }
  };
  if (isObject(value) && !Array.isArray(value)) lift(value, path);
  return { items, restore: () => restores.forEach((restore) => restore()) };
}

/** Returns a list of the same length with holes instead of objects. class-validator skips holes. */
function emptied(list: readonly unknown[], path: string, items: Part[]): unknown[] {
  const holes: unknown[] = [];
  holes.length = list.length;
  const kept = new Set<string>();
  for (const [index, item] of list.entries()) {
    const inner = appendKey(path, String(index));
    if (Array.isArray(item)) holes[index] = emptied(item, inner, items);
    else if (isObject(item)) items.push({ value: item, path: inner });
    else if (!kept.has(String(item === null))) {
      // An item that is not an object is an error. One such item is enough to report it.
      kept.add(String(item === null));
      holes[index] = item;
    }
  }
  return holes;
}

const knownProperties = memoize((storage: MetadataStorage) =>
  memoize((Class: ModelClass): readonly (readonly [name: string, isLiftable: boolean])[] => {
    const rules = storage.getTargetValidationMetadatas(Class, '', false, false);
    const nested = new Set(rules.filter(({ type }) => type === 'nestedValidation').map((rule) => rule.propertyName));
    return [...nested].map((name) => {
      const others = rules.filter((rule) => rule.propertyName === name && rule.type !== 'nestedValidation');
      return [name, others.every((rule) => RULES_OF_LENGTH.has(rule.name))];
    });
  }),
);

function nestedProperties(Class: ModelClass, storage: MetadataStorage) {
  return typeof Class === 'function' ? knownProperties(storage)(Class) : [];
}
