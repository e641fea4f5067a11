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
} from '../../metadata/route-metadata.js';
import type { Method } from '../../metadata/route-metadata.js';
import { declareFields, declareParameters } from './declare-parameters.js';

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
