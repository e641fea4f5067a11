import type { CallbackClass } from '../../metadata/callback-metadata.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { defaultResponses } from '../../contract/reply-models.js';
import {
  copyMethod,
  defineParameters,
  definePath,
  defineResponses,
  forgetWebhook,
  includeInPaths,
  responsesOf,
  routeMethodsOf,
  parametersOf,
} from '../../metadata/route-metadata.js';
import type { Method } from '../../metadata/route-metadata.js';
import { isModelClass } from '../../metadata/model.js';
import { isTyped } from '../../contract/request-arguments.js';
import { declaredParametersOf } from '../../metadata/route-arguments.js';
import type { RouteArgument } from '../../metadata/route-arguments.js';
import type { OperationObject, SchemasObject } from '../../openapi/openapi-types.js';

/** What `@nestjs/swagger`'s explorer takes for a controller of a module. */
export interface StandInController {
  readonly metatype: object;
  readonly instance: object;
}

/**
 * A controller that `@nestjs/swagger` explores in place of a callback class. It has all metadata of the class and its
 * methods, and differs in three things: each operation stands under the path that `paths` gives it, operations without
 * one are not there, and replies that are not declared are.
 */
export function createStandInController(
  callbacks: CallbackClass,
  paths: ReadonlyMap<ReceiverOperation, string>,
): StandInController {
  const metatype: object = Object.setPrototypeOf(() => undefined, callbacks);
  Object.defineProperty(metatype, 'name', { value: callbacks.name });
  includeInPaths(metatype);
  const members: Record<string, unknown> = {};
  for (const name of routeMethodsOf(callbacks.prototype).keys()) members[name] = undefined;
  for (const [operation, path] of paths) {
    members[operation.methodName] = standInMethod(operation, path);
    declareFields(operation).forEach((parameter, index) => {
      const method = standInField(operation, fieldPath(path, index), parameter);
      members[method.name] = method;
    });
  }
  const prototype: object = Object.setPrototypeOf(members, callbacks.prototype);
  return { metatype, instance: Object.create(prototype) };
}

function standInMethod(operation: ReceiverOperation, path: string): Method {
  // Not by the name of the function: a decorator that wraps the method can have lost it.
  const standIn = copyMethod(operation.method, operation.methodName);
  definePath(standIn, path);
  forgetWebhook(standIn);
  const parameters = declareParameters(operation);
  if (parameters.length > 0) defineParameters(standIn, parameters);
  const responses = defaultResponses(operation);
  if (responses) defineResponses(standIn, { ...errorResponses(operation.method), ...responses });
  return standIn;
}

/** The path that a field of a body is explored under. */
export function fieldPath(path: string, index: number): string {
  return `${path}/${index}`;
}

/** An operation whose body is one field of the body alone. */
function standInField({ method, methodName }: ReceiverOperation, path: string, parameter: object): Method {
  const standIn = copyMethod(method, `${methodName} ${path}`);
  definePath(standIn, path);
  forgetWebhook(standIn);
  defineParameters(standIn, [parameter]);
  return standIn;
}

/** The declared responses without the empty success that the default replaces. */
function errorResponses(method: Method): Record<string, object> {
  return Object.fromEntries(Object.entries(responsesOf(method)).filter(([status]) => /^[45]/.test(status)));
}

type Schema = SchemasObject[string];

/** A parameter as the decorators of `@nestjs/swagger` store it: beside a schema, which counts, with the type String. */
interface ParameterMetadata {
  readonly in?: string;
  readonly name?: string;
  readonly type?: unknown;
  readonly [field: string]: unknown;
}

/**
 * The parameters that a stand-in declares: those of the operation, and what is sent without `@nestjs/swagger` seeing it:
 * it passes over arguments without a type and over `@Body('name')`, and takes an array for one of strings.
 */
export function declareParameters(operation: ReceiverOperation): readonly object[] {
  const declared = parametersOf(operation.method) as readonly ParameterMetadata[];
  const body = declareBody(operation, declared);
  const others = body ? declared.filter((parameter) => parameter.in !== 'body') : declared;
  return [...others, ...declareUntyped(operation), ...(body ? [body] : [])];
}

/** The body as one parameter for each of its fields, so that `@nestjs/swagger` writes the schema of each. */
export function declareFields({ body }: ReceiverOperation): ParameterMetadata[] {
  return body.isDeclared ? [] : body.fields.map(declareWhole);
}

/** The schema of a body as `@nestjs/swagger` writes it: no reference, the same for each media type. */
export function bodySchemaOf({ requestBody }: OperationObject): Schema | undefined {
  return requestBody && 'content' in requestBody ? Object.values(requestBody.content)[0]?.schema : undefined;
}

/** Puts the schemas of the fields of a body into the object that was declared for them. */
export function fillFields(
  written: OperationObject,
  { body: { fields } }: ReceiverOperation,
  schemas: readonly (Schema | undefined)[],
): OperationObject {
  const properties = Object.fromEntries(fields.map(({ name }, index) => [name, schemas[index] ?? {}]));
  // What has a class is checked before it is sent, and is never missing.
  const required = fields.filter(({ type }) => isModelClass(type)).map(({ name }) => name!);
  const schema = { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
  const { requestBody } = written;
  if (!requestBody || !('content' in requestBody)) return written;
  const filled = Object.entries(requestBody.content).map(([type, media]) => [type, { ...media, schema }]);
  return { ...written, requestBody: { ...requestBody, content: Object.fromEntries(filled) } };
}

/** The body if `@nestjs/swagger` would write it wrongly or not at all, with what else `@ApiBody()` says of it. */
function declareBody(
  { body }: ReceiverOperation,
  declared: readonly ParameterMetadata[],
): ParameterMetadata | undefined {
  const { wholes, fields, isDeclared } = body;
  const [whole] = wholes;
  if (isDeclared) return undefined;
  const explicit = declared.find((parameter) => parameter.in === 'body');
  if (fields.length > 0) {
    return { in: 'body', required: true, ...explicit, type: String, schema: { type: 'object', properties: {} } };
  }
  if (!whole || (!explicit && !fallbackSchemaOf(whole))) return undefined;
  const { required = true } = explicit ?? {};
  return { ...explicit, ...declareWhole(whole), required };
}

function declareWhole(argument: RouteArgument): ParameterMetadata {
  const schema = fallbackSchemaOf(argument);
  const { type, isArray, standardSchema } = argument;
  return { in: 'body', required: true, ...(schema ? { type: String, schema } : { type, isArray, standardSchema }) };
}

/** The schema of a type that `@nestjs/swagger` writes nothing of, or something wrong. */
function fallbackSchemaOf({ type, isArray, standardSchema }: RouteArgument): Schema | undefined {
  if (type === Date && standardSchema === undefined) return { type: 'string', format: 'date-time' };
  if (isTyped({ type, standardSchema })) return undefined;
  return isArray || type === Array ? { type: 'array', items: {} } : {};
}

/** Query parameters and headers without a type. Of headers that are taken as a whole, no document can say anything. */
function declareUntyped({ callbacks, method, arguments: taken }: ReceiverOperation): ParameterMetadata[] {
  const declared = declaredParametersOf(callbacks, method);
  return taken.flatMap(({ source, name, type, standardSchema }) => {
    const isUntyped = standardSchema === undefined && (type === undefined || type === Object);
    if (!isUntyped || (source !== 'query' && source !== 'header')) return [];
    if (name === undefined) return source === 'query' ? [FREE_QUERY] : [];
    const isDeclared = declared.some((parameter) => parameter.name === name && (parameter.in ?? 'header') === source);
    return isDeclared ? [] : [{ in: source, name, required: true, type: String, schema: {} }];
  });
}

/** Any query parameters: the name of an exploded object is not in the URL. */
const FREE_QUERY: ParameterMetadata = {
  in: 'query',
  name: 'query',
  required: false,
  type: String,
  style: 'form',
  explode: true,
  schema: { type: 'object', additionalProperties: true },
};
