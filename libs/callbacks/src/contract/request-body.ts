import { isModelClass } from '../metadata/model-class.js';
import type { BodyArguments, ReceiverOperation } from './callback-contract.js';
import { declaredParametersOf } from '../metadata/route-arguments.js';
import type { DeclaredParameter, RouteArgument } from '../metadata/route-arguments.js';

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
