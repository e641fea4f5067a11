import { isObject } from '../expression/json-object.js';
import type { MetadataStorage } from 'class-validator';
import type { ModelClass } from '../metadata/model-class.js';
import { appendKey, loadValidator } from './check-value.js';
import { memoize } from './memoize.js';

/** A part of a value, and its path in it. */
export interface Part {
  readonly value: unknown;
  readonly path: string;
}

/** The items that were taken out of an instance. */
export interface LiftedLists {
  readonly items: readonly Part[];
  /** Puts them back. */
  restore(): void;
}

/** The rules of class-validator that ask only whether something is a list, and how long. */
const RULES_OF_LENGTH = new Set<unknown>([
  'isArray',
  'arrayMinSize',
  'arrayMaxSize',
  'arrayNotEmpty',
  'isOptional',
  'isDefined',
]);

/**
 * Takes the items out of the lists of an instance whose items have rules of their own (`@ValidateNested()`), and of the
 * objects nested in it: class-validator checks an instance with all that is in it at one go, however long that takes. The
 * lists keep their lengths. A list that has other rules stays as it is.
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

/** A list of the same length with holes for its objects, which class-validator skips. */
function emptied(list: readonly unknown[], path: string, items: Part[]): unknown[] {
  const holes: unknown[] = [];
  holes.length = list.length;
  const kept = new Set<string>();
  for (const [index, item] of list.entries()) {
    const inner = appendKey(path, String(index));
    if (Array.isArray(item)) holes[index] = emptied(item, inner, items);
    else if (isObject(item)) items.push({ value: item, path: inner });
    else if (!kept.has(String(item === null))) {
      // What is no object is an error of the list. One is enough.
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
