import { isObject } from '../expression/json-object.js';
import { isDeepStrictEqual } from 'node:util';
import { checkBySchema, joinPaths } from './check-value.js';
import { define, jsonOf } from './own-properties.js';

/** A property that a Standard Schema does not know. */
export interface UnknownProperty {
  readonly path: string;
  readonly name: string;
}

/**
 * What is left of a value without the properties that its Standard Schema does not know, and which these are. A schema
 * does not say what it knows; a property that is not in its output, and makes no difference to it, is none of that.
 *
 * @param output - what the schema made of the value.
 * @param isKept - whether a property of the value itself is kept all the same.
 */
export async function pruneBySchema(
  schema: unknown,
  value: unknown,
  output: unknown,
  isKept: (name: string) => boolean,
): Promise<{ readonly value: unknown; readonly unknown: readonly UnknownProperty[] }> {
  const unknown: UnknownProperty[] = [];
  const pruned = prune(value, output, '', unknown, isKept);
  if (unknown.length === 0) return { value, unknown };
  // One that renames what it reads, say, does not have it in its output.
  const again = await checkBySchema(schema, pruned);
  const isSame = 'value' in again && isDeepStrictEqual(again.value, output);
  return isSame ? { value: pruned, unknown } : { value, unknown: [] };
}

function prune(
  given: unknown,
  output: unknown,
  path: string,
  unknown: UnknownProperty[],
  isKept: (name: string) => boolean,
): unknown {
  if (!isObject(given) || !isObject(output)) return given;
  const value = jsonOf(given, path);
  if (Array.isArray(value) && Array.isArray(output)) {
    return value.map((item: unknown, index) =>
      prune(item, output[index], joinPaths(path, `[${index}]`), unknown, () => false),
    );
  }
  if (!isObject(value) || Array.isArray(value) || Array.isArray(output)) return given;
  const pruned = {};
  for (const [name, part] of Object.entries(value)) {
    const inner = joinPaths(path, name);
    if (Object.hasOwn(output, name))
      define(
        pruned,
        name,
        prune(part, Reflect.get(output, name), inner, unknown, () => false),
      );
    else if (part === undefined || typeof part === 'function' || isKept(name)) define(pruned, name, part);
    else unknown.push({ path: inner, name });
  }
  return pruned;
}
