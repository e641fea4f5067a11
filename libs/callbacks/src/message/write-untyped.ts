import { isObject } from '../expression/json.js';
import type { ModelPlans } from './model-plans.js';
import { classOf } from './own-properties.js';
import { hasToJson, isEntries, isLeaf, isPlain, jsonOf } from './value-kinds.js';

/** Writes an instance by the declarations of its class. */
type WriteInstance = (instance: object, key: string | number) => unknown;

/** Writes values without declarations, with all their properties. */
export class UntypedWriter {
  constructor(
    private readonly plans: ModelPlans,
    private readonly writeInstance: WriteInstance,
  ) {}

  /**
   * Returns the value for `JSON.stringify()`: the value itself if the result is the same.
   *
   * @param key - the name or the index of the value, which is passed to `toJSON()`.
   */
  write(value: unknown, key: string | number): unknown {
    if (!isObject(value) || this.#isJson(value)) return value;
    if (Array.isArray(value)) return this.#writeItems(value);
    if (isLeaf(value)) return value;
    if (value instanceof Set) return this.#writeItems([...value]);
    if (value instanceof Map) return this.#writeInto(Object.fromEntries(value) as Record<string, unknown>);
    if (value instanceof URLSearchParams) return value.toString();
    if (!isPlain(value)) return this.writeInstance(value, key);
    const json = jsonOf(value, key);
    return isEntries(json) ? this.#writeInto({ ...json }) : this.write(json, key);
  }

  #writeItems(items: readonly unknown[]): readonly unknown[] {
    return items.map((item, index) => this.write(item, index));
  }

  /** Replaces the properties of a copy by what is written for them. */
  #writeInto(copy: Record<string, unknown>): object {
    for (const key of Object.keys(copy)) {
      const member = copy[key];
      if (typeof member === 'function') delete copy[key];
      else if (isObject(member)) copy[key] = this.write(member, key);
    }
    return copy;
  }

  /**
   * Whether `JSON.stringify()` writes an object correctly without help. A large body has hundreds of thousands of
   * objects, so nothing is allocated per object.
   */
  #isJson(value: object): boolean {
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) {
        const item: unknown = value[index];
        if (typeof item === 'object' && item !== null && !this.#isJson(item)) return false;
      }
      return true;
    }
    if (value instanceof Date) return true;
    const plan = isPlain(value) ? undefined : this.plans.of(classOf(value));
    if (plan && (!plan.isBare || hasToJson(value))) return false;
    for (const key in value) {
      const part: unknown = (value as Record<string, unknown>)[key];
      // It may be a toJSON().
      if (typeof part === 'function') return false;
      if (typeof part !== 'object' || part === null) continue;
      if (plan && plan.property(key).typeIn(value).shape.kind !== 'free') return false;
      if (!this.#isJson(part)) return false;
    }
    return true;
  }
}
