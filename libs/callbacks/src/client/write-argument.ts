import { issuesOfBody } from '../contract/callback-contract.error.js';
import { isModelClass } from '../contract/model-class.js';
import type { RouteArgument } from '../contract/route-arguments.js';
import { checkByClass, checkBySchema, checkEach, joinPaths } from './check-value.js';
import type { Checked } from './check-value.js';
import { toInstance, toPlain } from './convert-value.js';
import { namedValuesOf } from './named-values-of.js';

/** An argument as it is sent, checked by its schema or by its class before. */
export async function writeArgument(argument: RouteArgument, given: unknown): Promise<Checked> {
  const { name, source, isOptional } = argument;
  const isWhole = name === undefined && source !== 'body';
  // A whole query that is not given is one without parameters: those that its model requires are missing.
  const value = isWhole && given === undefined ? {} : given;
  if (value === undefined && (source !== 'body' || isOptional)) return { value };
  const written = await writeValue(argument, value);
  if ('issues' in written) {
    if (source === 'body' && name === undefined) return { issues: issuesOfBody(written.issues) };
    return { issues: written.issues.map(({ path, message }) => ({ path: joinPaths(name ?? '', path), message })) };
  }
  if (!isWhole || written.value === null || namedValuesOf(written.value)) return written;
  const decorator = source === 'query' ? '@Query()' : '@Headers()';
  return { issues: [{ path: '', message: `${decorator} must be an object, whose properties are the names` }] };
}

async function writeValue({ type, isArray, standardSchema }: RouteArgument, value: unknown): Promise<Checked> {
  if (standardSchema !== undefined) {
    const checked = await checkEach(isArray, value, (item) => checkBySchema(standardSchema, item));
    // What the schema makes of the value is for the receiver to have: what was written is what is sent.
    return 'issues' in checked ? checked : { value };
  }
  if (!isModelClass(type)) return { value: await toPlain(value) };
  const checked = await checkEach(isArray, value, async (item) => checkByClass(type, await toInstance(type, item)));
  return 'issues' in checked ? checked : { value: await toPlain(checked.value) };
}
