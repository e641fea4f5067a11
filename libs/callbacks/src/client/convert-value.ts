import type { ModelClass } from '../contract/model-class.js';

let transformer: Promise<typeof import('class-transformer')> | undefined;

/** class-transformer, loaded when it is first needed. A repeated `import()` would resolve its name again. */
const loadTransformer = () => (transformer ??= import('class-transformer'));

/** The value as instances of a class: what is one stays as it is. */
export async function toInstance(Class: ModelClass, value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Class) return value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => toInstance(Class, item)));
  return (await loadTransformer()).plainToInstance(Class, value);
}

/** What is sent of a value: `@Exclude()`, `@Expose()` and `@Transform()` apply to the instances in it. */
export async function toPlain(value: unknown): Promise<unknown> {
  return typeof value === 'object' && value !== null ? (await loadTransformer()).instanceToPlain(value) : value;
}
