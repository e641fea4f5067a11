import { isDeepStrictEqual } from 'node:util';
import { issuesOfBody } from '../errors/contract.errors.js';
import { isModelClass } from '../metadata/model.js';
import type { RouteArgument } from '../metadata/route-arguments.js';
import { checkByClass, checkBySchema, checkEach, joinPaths } from './check-value.js';
import type { Checked } from './check-value.js';
import { InstanceMaker } from './convert-value.js';
import { loadModelPlans } from './model-plans.js';
import { shapeOfSchema } from './model-shape.js';
import type { Shape } from './model-shape.js';
import { entriesOf } from './encode-request.js';
import { ValueWriter } from './write-value.js';
import type { WriteContext } from './write-value.js';
import { isObject } from '../expression/json.js';
import { define } from './own-properties.js';
import { jsonOf } from './value-kinds.js';

/** What all arguments of a call share. */
export interface ArgumentContext extends Omit<WriteContext, 'isDeclaredElsewhere'> {
  /** The names of the parameters that the operation declares one by one; header names in lower case. */
  readonly parameterNames: Readonly<Record<'query' | 'header', ReadonlySet<string>>>;
}

/** Checks an argument with its schema or its class, and writes it as it is sent. */
export async function writeArgument(
  argument: RouteArgument,
  given: unknown,
  context: ArgumentContext,
): Promise<Checked> {
  const { name, source, isOptional } = argument;
  const isWhole = name === undefined && source !== 'body';
  // A missing query counts as an empty one, so that required parameters are reported.
  const value = isWhole ? valuesByName(given) : given;
  if (value === undefined && (source !== 'body' || isOptional)) return { value };
  const written = await writeValue(argument, value, isWhole ? await wholeContext(argument, context) : context);
  if ('issues' in written) {
    if (source === 'body' && name === undefined) return { issues: issuesOfBody(written.issues) };
    return { issues: written.issues.map(({ path, message }) => ({ path: joinPaths(name ?? '', path), message })) };
  }
  if (!isWhole || written.value === null || entriesOf(written.value)) return written;
  const decorator = source === 'query' ? '@Query()' : '@Headers()';
  return { issues: [{ path: '', message: `${decorator} must be an object with the names as properties` }] };
}

/** Returns all headers or a whole query as an object: the values of `Headers` are not properties. */
function valuesByName(given: unknown): unknown {
  if (given === undefined) return {};
  return given instanceof Headers ? Object.fromEntries(given) : given;
}

/** Other decorators can declare parts of a query or of all headers. The case of header names does not matter. */
async function wholeContext({ source, type }: RouteArgument, context: ArgumentContext): Promise<WriteContext> {
  if (source !== 'header') return { ...context, isDeclaredElsewhere: (name) => context.parameterNames.query.has(name) };
  const declared = isModelClass(type) ? ((await loadModelPlans()).of(type).declared ?? []) : [];
  const names = new Set([...context.parameterNames.header, ...[...declared].map((name) => name.toLowerCase())]);
  return { ...context, isDeclaredElsewhere: (name) => names.has(name.toLowerCase()) };
}

async function writeValue(argument: RouteArgument, value: unknown, context: WriteContext): Promise<Checked> {
  const { type, isArray, standardSchema, schema } = argument;
  if (standardSchema !== undefined) {
    return checkEach(isArray, value, (item) => writeBySchema(argument, item, context));
  }
  const plans = await loadModelPlans();
  if (!isModelClass(type)) return finish(new ValueWriter(plans, context), value, shapeOfSchema(schema));
  if (plans.of(type).declared === undefined) context.undeclared.warnOfClass(type.name, context.callback);
  const shape: Shape = { kind: 'class', Class: type, isMade: true };
  const writer = new ValueWriter(plans, context);
  return checkEach(isArray, value, async (item) => {
    const instance = new InstanceMaker(plans, context.extraModels).make(shape, item);
    const checked = await checkByClass(type, instance);
    if ('issues' in checked) return checked;
    // The copy that was checked lacks private fields, so the given instance is written.
    return finish(writer, item instanceof type ? item : instance, shape);
  });
}

function finish(writer: ValueWriter, value: unknown, shape: Shape): Checked {
  const written = writer.write(value, shape);
  return writer.issues.length > 0 ? { issues: writer.issues.splice(0) } : { value: written };
}

/** Sends the given value, not the output of the schema: parsing is up to the receiver. */
async function writeBySchema(
  { source, type, standardSchema }: RouteArgument,
  value: unknown,
  context: WriteContext,
): Promise<Checked> {
  const checked = await checkBySchema(standardSchema, value);
  if ('issues' in checked) return checked;
  const { undeclared, callback, isDeclaredElsewhere } = context;
  if (undeclared.mode === 'send') return { value };
  const known = new Set(Object.keys(Object(checked.value) as object).map((name) => name.toLowerCase()));
  const isKept = (name: string) =>
    isDeclaredElsewhere?.(name) === true || (source === 'header' && known.has(name.toLowerCase()));
  const pruned = await pruneBySchema(standardSchema, value, checked.value, isKept);
  if (pruned.unknown.length === 0) return { value };
  const model = isModelClass(type) ? type.name : `the schema of ${callback}`;
  if (undeclared.mode === 'error') {
    return {
      issues: pruned.unknown.map((path) => ({
        path,
        message: `is not declared by ${model}: declare it or remove it`,
      })),
    };
  }
  for (const property of pruned.unknown) {
    undeclared.warnOfProperty({ callback, model, property, isReadByPlugin: true });
  }
  return { value: pruned.value };
}

/**
 * Removes the properties that a Standard Schema does not declare, and lists their paths. A schema cannot list its properties,
 * so a property counts as undeclared if it is not in the output and the output is the same without it.
 *
 * @param output - the output of the schema for the value.
 * @param isKept - whether a top-level property is kept anyway.
 */
async function pruneBySchema(
  schema: unknown,
  value: unknown,
  output: unknown,
  isKept: (name: string) => boolean,
): Promise<{ readonly value: unknown; readonly unknown: readonly string[] }> {
  const unknown: string[] = [];
  const pruned = prune(value, output, { path: '', key: '' }, unknown, isKept);
  if (unknown.length === 0) return { value, unknown };
  // A schema that renames a property does not have the old name in its output.
  const again = await checkBySchema(schema, pruned);
  const isSame = 'value' in again && isDeepStrictEqual(again.value, output);
  return isSame ? { value: pruned, unknown } : { value, unknown: [] };
}

/** Removes the properties of a value that are not in the output, and adds their paths to `unknown`. */
function prune(
  given: unknown,
  output: unknown,
  { path, key }: { readonly path: string; readonly key: string | number },
  unknown: string[],
  isKept: (name: string) => boolean = () => false,
): unknown {
  if (!isObject(given) || !isObject(output)) return given;
  const value = jsonOf(given, key);
  if (Array.isArray(value) && Array.isArray(output)) {
    return value.map((item: unknown, index) =>
      prune(item, output[index], { path: joinPaths(path, `[${index}]`), key: index }, unknown),
    );
  }
  if (!isObject(value) || Array.isArray(value) || Array.isArray(output)) return given;
  const pruned = {};
  for (const [name, part] of Object.entries(value)) {
    const inner = { path: joinPaths(path, name), key: name };
    if (Object.hasOwn(output, name)) define(pruned, name, prune(part, Reflect.get(output, name), inner, unknown));
    else if (part === undefined || typeof part === 'function' || isKept(name)) define(pruned, name, part);
    else unknown.push(inner.path);
  }
  return pruned;
}
