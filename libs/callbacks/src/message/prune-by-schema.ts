import { isObject } from '../expression/json.js';
import { isDeepStrictEqual } from 'node:util';
import { checkBySchema, joinPaths } from './check-value.js';
import { define, jsonOf } from './own-properties.js';

/** A property that a Standard Schema does not declare. */
export interface UnknownProperty {
  readonly path: string;
  readonly name: string;
}

/**
 * Removes the properties that a Standard Schema does not declare, and lists them. A schema cannot list its properties,
 * so a property counts as undeclared if it is not in the output and the output is the same without it.
 *
 * @param output - the output of the schema for the value.
 * @param isKept - whether a top-level property is kept anyway.
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
  // A schema that renames a property does not have the old name in its output.
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
