import { isModelClass } from '../metadata/model-class.js';
import type { BodyArguments, ReceiverOperation } from './callback-contract.js';
import { declaredParametersOf } from '../metadata/route-arguments.js';
import type { DeclaredParameter, RouteArgument } from '../metadata/route-arguments.js';

const SCALARS: ReadonlySet<unknown> = new Set([String, Number, Boolean, Date]);

/** What the arguments of a handler make its body of. */
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
 * `@ApiBody({ required: false })` is stored as if it said that the body is a string; one that does say so also says
 * whether it is an array of them.
 */
function saysNoType(body: DeclaredParameter): boolean {
  return body.type === String && body.isArray === undefined && !TYPING_FIELDS.some((field) => field in body);
}

/** Whether an argument has a type that is left at run time: of an interface, a union or an array nothing is. */
export function isTyped({ type, standardSchema }: Pick<RouteArgument, 'type' | 'standardSchema'>): boolean {
  return standardSchema !== undefined || isModelClass(type) || SCALARS.has(type);
}

/** The arguments of a handler that are sent as they come, because nothing says what they are. */
export function uncheckedArgumentsOf({ body }: ReceiverOperation): RouteArgument[] {
  const { wholes, fields, isDeclared } = body;
  if (isDeclared) return [];
  return [...wholes, ...fields].filter((argument) => !isTyped(argument));
}
