import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { defaultResponses } from '../../contract/reply-models.js';
import type { CallbackClass } from '../../metadata/callback-metadata.js';
import { defineParameters } from '../../metadata/route-arguments.js';
import type { DeclaredParameter } from '../../metadata/route-arguments.js';
import {
  copyMethod,
  definePath,
  defineResponses,
  forgetWebhook,
  includeInPaths,
  responsesOf,
  routeMethodsOf,
} from '../../metadata/route-metadata.js';
import type { Method } from '../../metadata/route-metadata.js';
import { declareFields, declareParameters } from './declare-parameters.js';

/** What the explorer of `@nestjs/swagger` takes for a controller of a module. */
export interface StandInController {
  readonly metatype: object;
  readonly instance: object;
}

/**
 * Creates the controller that `@nestjs/swagger` explores instead of a callback class. It has all metadata of the class
 * and its methods, with three differences: each operation has the path in `paths`, operations without one are left out,
 * and undeclared replies are declared.
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
  // Not the name of the function: a decorator that wraps the method may have lost it.
  const standIn = copyMethod(operation.method, operation.methodName);
  definePath(standIn, path);
  forgetWebhook(standIn);
  const parameters = declareParameters(operation);
  if (parameters.length > 0) defineParameters(standIn, parameters);
  const responses = defaultResponses(operation);
  if (responses) defineResponses(standIn, { ...errorResponses(operation.method), ...responses });
  return standIn;
}

/** Returns the path that a field of a body is explored under. */
export function fieldPath(path: string, index: number): string {
  return `${path}/${index}`;
}

/** Creates an operation whose body is only one field of the body. */
function standInField({ method, methodName }: ReceiverOperation, path: string, parameter: DeclaredParameter): Method {
  const standIn = copyMethod(method, `${methodName} ${path}`);
  definePath(standIn, path);
  forgetWebhook(standIn);
  defineParameters(standIn, [parameter]);
  return standIn;
}

/** Returns the declared responses without the empty success that the default replaces. */
function errorResponses(method: Method): Record<string, object> {
  return Object.fromEntries(Object.entries(responsesOf(method)).filter(([status]) => /^[45]/.test(status)));
}
