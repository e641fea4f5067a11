import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { isTyped } from '../../contract/request-arguments.js';
import { isModelClass } from '../../metadata/model.js';
import { declaredParametersOf, isUntyped, parametersOf } from '../../metadata/route-arguments.js';
import type { DeclaredParameter, RouteArgument } from '../../metadata/route-arguments.js';
import type { OperationObject, SchemasObject } from '../../openapi/openapi-types.js';

type Schema = SchemasObject[string];

/**
 * Returns the parameters that a stand-in declares: those of the operation, and those that `@nestjs/swagger` would miss.
 * It ignores arguments without a type and `@Body('name')`, and takes every array for an array of strings.
 */
export function declareParameters(operation: ReceiverOperation): DeclaredParameter[] {
  const declared = parametersOf(operation.method);
  const body = declareBody(operation, declared);
  const others = body ? declared.filter((parameter) => parameter.in !== 'body') : declared;
  return [...others, ...declareUntyped(operation), ...(body ? [body] : [])];
}

/** Returns one body parameter for each field of the body, so that `@nestjs/swagger` writes the schema of each. */
export function declareFields({ body }: ReceiverOperation): DeclaredParameter[] {
  return body.isDeclared ? [] : body.fields.map(declareWhole);
}

/** Returns the schema of a body. `@nestjs/swagger` writes the same one for each media type, and no reference. */
export function bodySchemaOf({ requestBody }: OperationObject): Schema | undefined {
  return requestBody && 'content' in requestBody ? Object.values(requestBody.content)[0]?.schema : undefined;
}

/** Puts the schemas of the fields into the body that was declared for them. */
export function fillFields(
  written: OperationObject,
  { body: { fields } }: ReceiverOperation,
  schemas: readonly (Schema | undefined)[],
): OperationObject {
  const properties = Object.fromEntries(fields.map(({ name }, index) => [name, schemas[index] ?? {}]));
  // A field with a class is checked before it is sent, and is never missing.
  const required = fields.filter(({ type }) => isModelClass(type)).map(({ name }) => name!);
  const schema = { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
  const { requestBody } = written;
  if (!requestBody || !('content' in requestBody)) return written;
  const filled = Object.entries(requestBody.content).map(([type, media]) => [type, { ...media, schema }]);
  return { ...written, requestBody: { ...requestBody, content: Object.fromEntries(filled) } };
}

/** Returns the body, with all options of `@ApiBody()`, if `@nestjs/swagger` would write it wrongly or not at all. */
function declareBody(
  { body }: ReceiverOperation,
  declared: readonly DeclaredParameter[],
): DeclaredParameter | undefined {
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

function declareWhole(argument: RouteArgument): DeclaredParameter {
  const schema = fallbackSchemaOf(argument);
  const { type, isArray, standardSchema } = argument;
  return { in: 'body', required: true, ...(schema ? { type: String, schema } : { type, isArray, standardSchema }) };
}

/** Returns the schema of a type that `@nestjs/swagger` writes wrongly or not at all. */
function fallbackSchemaOf({ type, isArray, standardSchema }: RouteArgument): Schema | undefined {
  if (type === Date && standardSchema === undefined) return { type: 'string', format: 'date-time' };
  if (isTyped({ type, standardSchema })) return undefined;
  return isArray || type === Array ? { type: 'array', items: {} } : {};
}

/** Returns the query parameters and headers without a type. Headers that are taken as a whole cannot be documented. */
function declareUntyped({ callbacks, method, arguments: taken }: ReceiverOperation): DeclaredParameter[] {
  const declared = declaredParametersOf(callbacks, method);
  return taken.flatMap((argument) => {
    const { source, name } = argument;
    if (!isUntyped(argument) || (source !== 'query' && source !== 'header')) return [];
    if (name === undefined) return source === 'query' ? [FREE_QUERY] : [];
    const isDeclared = declared.some((parameter) => parameter.name === name && (parameter.in ?? 'header') === source);
    return isDeclared ? [] : [{ in: source, name, required: true, type: String, schema: {} }];
  });
}

/** Any query parameters: the name of an exploded object is not in the URL. */
const FREE_QUERY: DeclaredParameter = {
  in: 'query',
  name: 'query',
  required: false,
  type: String,
  style: 'form',
  explode: true,
  schema: { type: 'object', additionalProperties: true },
};
