import { isObject } from '../expression/json.js';
import { foldGraph } from './fold-graph.js';

/** Tells which values of a document are equal, as JSON has it: each is read once, and then compared by its key. */
export class Equality {
  readonly #numbers = new Map<object, number>();
  readonly #numberOfText = new Map<string, number>();

  /** The same for all values that are equal: the order of members does not count. */
  keyOf(value: unknown): string {
    if (!isObject(value)) return JSON.stringify(value) ?? 'undefined';
    return `#${foldGraph<object, number>(value, objectsIn, (object) => this.#number(object), this.#numbers)}`;
  }

  areEqual(one: unknown, other: unknown): boolean {
    return one === other || this.keyOf(one) === this.keyOf(other);
  }

  /** The values without those that are equal to an earlier one. */
  distinct<T>(values: readonly T[]): T[] {
    const known = new Map<string, T>();
    for (const value of values) {
      const key = this.keyOf(value);
      if (!known.has(key)) known.set(key, value);
    }
    return [...known.values()];
  }

  #number(object: object): number {
    const keyOf = (value: unknown) => (isObject(value) ? `#${this.#numbers.get(value)}` : JSON.stringify(value));
    const text = Array.isArray(object)
      ? `[${object.map(keyOf).join()}]`
      : `{${Object.entries(object)
          .map(([name, value]) => `${JSON.stringify(name)}:${keyOf(value)}`)
          .toSorted()
          .join()}}`;
    const number = this.#numberOfText.get(text) ?? this.#numberOfText.size;
    this.#numberOfText.set(text, number);
    return number;
  }
}

function objectsIn(object: object): object[] {
  return Object.values(object).filter(isObject);
}
