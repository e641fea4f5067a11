import { isModelClass } from '../metadata/model.js';
import type { BodyArguments, ReceiverOperation } from './callback-contract.js';
import { declaredParametersOf, parameterKeyOf } from '../metadata/route-arguments.js';
import type { DeclaredParameter, RouteArgument } from '../metadata/route-arguments.js';

/** The headers of a signed request, by Standard Webhooks. The sender sets them; they are never arguments. */
export const SIGNATURE_HEADERS: readonly string[] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

const SCALARS: ReadonlySet<unknown> = new Set([String, Number, Boolean, Date]);

/** Returns the arguments of a handler that form its body. */
export function bodyArgumentsOf({ callbacks, method, arguments: all }: Omit<ReceiverOperation, 'body'>): BodyArguments {
  const bodies = all.filter(({ source }) => source === 'body');
  return {
    wholes: bodies.filter(({ name }) => name === undefined),
    fields: bodies.filter(({ name }) => name !== undefined),
    isDeclared: declaredParametersOf(callbacks, method).some(
      (parameter) => parameter.in === 'body' && !saysNoType(parameter),
    ),
  };
}

const TYPING_FIELDS = ['schema', 'content', 'enum', 'enumName', 'standardSchema'];

/**
 * `@ApiBody({ required: false })` is stored with the type String, though it names no type. If it does name String,
 * `isArray` is stored too.
 */
function saysNoType(body: DeclaredParameter): boolean {
  return body.type === String && body.isArray === undefined && !TYPING_FIELDS.some((field) => field in body);
}

/** Whether the type of an argument exists at run time. Interfaces, unions and arrays leave no type. */
export function isTyped({ type, standardSchema }: Pick<RouteArgument, 'type' | 'standardSchema'>): boolean {
  return standardSchema !== undefined || isModelClass(type) || SCALARS.has(type);
}

/** Returns the arguments of a handler that are sent unchecked, because their type is unknown. */
export function uncheckedArgumentsOf({ body }: ReceiverOperation): RouteArgument[] {
  const { wholes, fields, isDeclared } = body;
  if (isDeclared) return [];
  return [...wholes, ...fields].filter((argument) => !isTyped(argument));
}

/** A required parameter. */
export interface RequiredParameter {
  readonly source: 'query' | 'header';
  readonly name: string;
}

/**
 * Returns the query parameters and headers that are required in the document: those that the handler takes by name,
 * unless `@ApiQuery()` or `@ApiHeader()` says `required: false`, and those that only these decorators declare as
 * required. The class of a whole query or of all headers checks the rest.
 */
export function requiredParametersOf({ callbacks, method, arguments: taken }: ReceiverOperation): RequiredParameter[] {
  const parameters = new Map<string, RequiredParameter>();
  for (const { source, name } of taken) {
    if (name !== undefined && (source === 'query' || source === 'header')) {
      parameters.set(parameterKeyOf(source, name), { source, name });
    }
  }
  for (const { in: source, name, required } of declaredParametersOf(callbacks, method)) {
    if (name === undefined || (source !== 'query' && source !== 'header')) continue;
    if (required === false) parameters.delete(parameterKeyOf(source, name));
    else if (required) parameters.set(parameterKeyOf(source, name), { source, name });
  }
  return [...parameters.values()];
}

/** Returns the parameters that are missing among the given names. Header names are given in lower case. */
export function missingParameters(
  required: readonly RequiredParameter[],
  given: Readonly<Record<RequiredParameter['source'], ReadonlySet<string>>>,
): RequiredParameter[] {
  return required.filter(({ source, name }) => !given[source].has(source === 'header' ? name.toLowerCase() : name));
}
