import type { CallbackClass } from '../contract/callback-class.js';
import { defaultResponses } from '../contract/default-responses.js';
import {
  definePath,
  defineResponses,
  includeInPaths,
  methodNamed,
  responsesOf,
  routeMethodNames,
} from '../contract/route-metadata.js';
import type { Method } from '../contract/route-metadata.js';

/** What `@nestjs/swagger`'s explorer takes for a controller of a module. */
export interface StandInController {
  readonly metatype: object;
  readonly instance: object;
}

/**
 * A controller that `@nestjs/swagger` explores in place of a callback class. It inherits all metadata from the class
 * and its methods, and differs in three things: each method stands under the path that `paths` gives it, methods
 * without one are not there, and replies that are not declared are.
 */
export function createStandInController(
  callbacks: CallbackClass,
  paths: ReadonlyMap<string, string>,
): StandInController {
  const metatype = inheritFunction(callbacks, callbacks.name);
  includeInPaths(metatype);
  const original = callbacks.prototype as object;
  const prototype = Object.create(original) as object;
  for (const name of routeMethodNames(original)) {
    const path = paths.get(name);
    const value = path === undefined ? undefined : standInMethod(callbacks, name, path);
    Object.defineProperty(prototype, name, { value, configurable: true });
  }
  return { metatype, instance: Object.create(prototype) as object };
}

function standInMethod(callbacks: CallbackClass, name: string, path: string): Method {
  const method = methodNamed(callbacks.prototype as object, name)!;
  const standIn = inheritFunction(method, method.name);
  definePath(standIn, path);
  const responses = defaultResponses(callbacks, name, method);
  if (Object.keys(responses).length > 0) defineResponses(standIn, { ...successless(method), ...responses });
  return standIn;
}

/** The declared responses without the empty one that the default replaces. */
function successless(method: Method): Record<string, object> {
  return Object.fromEntries(Object.entries(responsesOf(method)).filter(([status]) => /^[45]/.test(status)));
}

/** A function that does nothing, with the name and, through the prototype chain, the metadata of another. */
function inheritFunction(original: object, name: string): Method {
  const heir = () => undefined;
  Object.defineProperty(heir, 'name', { value: name });
  return Object.setPrototypeOf(heir, original) as Method;
}
