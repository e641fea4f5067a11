import { isUtf8 } from 'node:buffer';
import { checkByClass, checkBySchema, checkEach, joinPaths } from '../message/check-value.js';
import type { Checked } from '../message/check-value.js';
import { fromJson } from '../message/convert-value.js';
import { errorName } from '../errors/contract.errors.js';
import type { ContractIssue } from '../errors/contract.errors.js';
import { isObject } from '../expression/json.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { isModelClass, propertyTypeOf } from '../metadata/model.js';
import type { ModelClass } from '../metadata/model.js';
import { missingParameters, requiredParametersOf } from '../contract/request-arguments.js';
import type { RouteArgument } from '../metadata/route-arguments.js';
import { mediaTypesOf } from '../metadata/route-metadata.js';
import type { WireRequest } from './wire-messages.js';

/** The arguments of a handler, or what is wrong with the request. */
export type ReadArguments = { readonly args: unknown[] } | { readonly issues: readonly ContractIssue[] };

/** The sources of arguments. */
interface Sources {
  readonly body: unknown;
  readonly query: object;
  readonly header: object;
  readonly path: object;
  /** Whether all values of the body are strings. */
  readonly isForm: boolean;
}

/** Reads the arguments of the sender from a request, and checks them against their declarations. */
export async function readArguments(operation: ReceiverOperation, request: WireRequest): Promise<ReadArguments> {
  const { arguments: declared } = operation;
  const takesBody = declared.some(({ source }) => source === 'body');
  const body: Checked = takesBody ? decodeBody(request, mediaTypesOf(operation)) : { value: undefined };
  const query = readTexts(new URL(request.target, 'http://receiver').searchParams);
  const missing = missingIssues(operation, query, request.headers);
  if ('issues' in body) return { issues: [...body.issues, ...missing] };
  const sources: Sources = {
    body: body.value,
    query,
    header: request.headers,
    path: {},
    isForm: isForm(request.headers['content-type'] ?? ''),
  };
  const read = await Promise.all(declared.map((argument) => readArgument(argument, sources)));
  const issues = [...missing, ...read.flatMap((result) => ('issues' in result ? result.issues : []))];
  if (issues.length > 0) return { issues };
  const args: unknown[] = [];
  for (const [position, { index }] of declared.entries()) {
    const result = read[position]!;
    // Missing arguments at the end were not passed by the sender.
    if ('value' in result && result.value !== undefined) args[index] = result.value;
  }
  return { args: Array.from(args) };
}

function missingIssues(operation: ReceiverOperation, query: object, headers: object): ContractIssue[] {
  const given = { query: new Set(Object.keys(query)), header: new Set(Object.keys(headers)) };
  return missingParameters(requiredParametersOf(operation), given).map(({ source, name }) => ({
    path: name,
    message: source === 'query' ? 'is missing' : 'is a missing header',
  }));
}

async function readArgument(argument: RouteArgument, sources: Sources): Promise<Checked> {
  const { source, name } = argument;
  const found = valueIn(sources[source], argument);
  try {
    const checked = await check(argument, found, source !== 'body' || sources.isForm);
    if (!('issues' in checked) || name === undefined) return checked;
    return { issues: checked.issues.map(({ path, message }) => ({ path: joinPaths(name, path), message })) };
  } catch (error) {
    // The value is nested too deep, or a `@Transform()` does not expect it.
    return { issues: [{ path: name ?? '', message: `cannot be read as its model (${errorName(error)})` }] };
  }
}

function valueIn(all: unknown, { source, name }: RouteArgument): unknown {
  if (name === undefined) return all;
  const key = source === 'header' ? name.toLowerCase() : name;
  return isObject(all) && Object.hasOwn(all, key) ? Reflect.get(all, key) : undefined;
}

/** Checks the value of an argument. With a schema, the sent value is returned and not the schema's output. */
async function check(
  { source, type, isArray, isOptional, standardSchema }: RouteArgument,
  found: unknown,
  isText: boolean,
): Promise<Checked> {
  if (found === undefined && (source !== 'body' || isOptional)) return { value: undefined };
  if (isModelClass(type) && standardSchema === undefined) {
    return checkEach(isArray, found, async (item) => {
      const instance = await fromJson(type, item);
      return checkByClass(type, isText ? readProperties(type, instance) : instance);
    });
  }
  const separated = source === 'header' && type === Array ? String(found).split(/\s*,\s*/) : found;
  const value = isText || type === Date ? valueOfText(type, separated) : separated;
  if (standardSchema !== undefined) {
    const checked = await checkEach(isArray, value, (item) => checkBySchema(standardSchema, item));
    return 'issues' in checked ? checked : { value };
  }
  const issue = found === undefined ? undefined : typeIssue(type, value);
  return issue === undefined ? { value } : { issues: [{ path: '', message: issue }] };
}

/** Converts the properties of an instance from strings to their declared types. */
function readProperties(Class: ModelClass, instance: unknown): unknown {
  if (!isObject(instance)) return instance;
  const values = Object.entries(instance).map(([name, text]) => [name, valueOfText(propertyTypeOf(Class, name), text)]);
  return Object.assign(instance, Object.fromEntries(values));
}

/** Decodes a body by its media type: `undefined` without a body, or the reason why it cannot be read. */
function decodeBody({ headers, body }: WireRequest, mediaTypes: readonly string[]): Checked {
  if (body.length === 0) return { value: undefined };
  const type = essenceOf(headers['content-type'] ?? '');
  if (!mediaTypes.some((mediaType) => essenceOf(mediaType) === type)) {
    return wrong(`the Content-Type must be ${mediaTypes.join(' or ')}, but is ${type === '' ? 'missing' : type}`);
  }
  if (type === 'application/octet-stream') return { value: body };
  const text = body.toString();
  if (isForm(type)) return { value: readTexts(new URLSearchParams(text)) };
  const isJson = /[/+]json$/.test(type);
  // Other types are returned as a string if they are text, otherwise as bytes.
  if (!isJson) return { value: isUtf8(body) ? text : body };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return wrong('the body is not valid JSON');
  }
}

/** Whether all values in a body are strings, whatever their declared types are. */
function isForm(mediaType: string): boolean {
  return essenceOf(mediaType) === 'application/x-www-form-urlencoded';
}

function essenceOf(mediaType: string): string {
  return mediaType.split(';')[0]!.trim().toLowerCase();
}

function wrong(message: string): Checked {
  return { issues: [{ path: '', message }] };
}

/** Parameters of a query or a form, by name: a string, or an array of strings for a repeated name. */
function readTexts(parameters: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(parameters.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const [first = '', ...others] = parameters.getAll(name);
      return [name, others.length === 0 ? first : [first, ...others]];
    }),
  );
}

/**
 * Converts a string to its declared type. A string that cannot be converted is returned unchanged, for a check to
 * reject.
 */
function valueOfText(type: unknown, text: unknown): unknown {
  if (type === Array) return text === undefined ? text : [text].flat();
  if (typeof text !== 'string') return text;
  if (type === Number) return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (type === Boolean) return text === 'true' || (text === 'false' ? false : text);
  if (type === Date) return Number.isNaN(Date.parse(text)) ? text : new Date(text);
  return text;
}

/** Returns what a value must be if it does not have its declared type. Only built-in types are checked. */
function typeIssue(type: unknown, value: unknown): string | undefined {
  if (type === String && typeof value !== 'string') return 'must be a string';
  if (type === Number && typeof value !== 'number') return 'must be a number';
  if (type === Boolean && typeof value !== 'boolean') return 'must be true or false';
  if (type === Array && !Array.isArray(value)) return 'must be an array';
  if (type === Buffer && !Buffer.isBuffer(value)) return 'must be bytes';
  if (type === Date && !(value instanceof Date)) return 'must be a date';
  return undefined;
}
