import type { CallbackLink } from './callback-link.js';
import { addLink, defineLinkId, linkIdOf } from './callback-metadata.js';
import { defineExtension, routeMethodsOf } from './route-metadata.js';
import type { Method } from './route-metadata.js';

/**
 * The extension by which an operation of a finished document is known to be the one of a linked method, whatever
 * prefix, version or operationId it was given. `withCallbacks()` takes it off.
 */
export const LINK_EXTENSION = 'x-nestjs-callbacks';

/**
 * A method of a controller that has links. It is known by its name: a decorator that wraps the method replaces the
 * function, and copies what was written on it.
 */
export interface LinkedMethod {
  /** The class that the method was linked in: the one that declares it, or an heir of that. */
  readonly controller: { readonly name: string; readonly prototype: object };
  readonly methodName: string;
}

/** The linked methods of this process by the value of their extension, which has to survive JSON. */
const linkedMethods = new Map<string, LinkedMethod>();

/** Links the operation of a method, which is this function now. */
export function linkMethod(linked: LinkedMethod, method: Method, link: CallbackLink): void {
  addLink(method, link);
  identifyMethod(linked, method);
}

/** Has the operation of a method be known in a finished document. */
export function identifyMethod(linked: LinkedMethod, method: Method): void {
  const { controller, methodName } = linked;
  const known = linkedMethodOf(linkIdOf(method));
  // What an heir inherits or copies of a method has the id of the other class's method.
  if (known?.controller.prototype === controller.prototype && known.methodName === methodName) return;
  const id = `${controller.name}.${methodName}#${linkedMethods.size + 1}`;
  linkedMethods.set(id, linked);
  defineLinkId(method, id);
  defineExtension(method, LINK_EXTENSION, id);
}

/**
 * Links every operation of a controller class. An inherited method gets an override that only calls it: the link
 * belongs to this class, not to the other classes that inherit the method.
 */
export function linkController(controller: LinkedMethod['controller'], link: CallbackLink): void {
  const { prototype } = controller;
  for (const [methodName, found] of routeMethodsOf(prototype)) {
    const method = Object.hasOwn(prototype, methodName) ? found : overrideInherited(prototype, methodName, found);
    linkMethod({ controller, methodName }, method, link);
  }
}

/** The method behind the extension of an operation, or `undefined` where no method of this process wrote it. */
export function linkedMethodOf(id: unknown): LinkedMethod | undefined {
  return linkedMethods.get(String(id));
}

/** The function that a linked method is when all decorators have run. */
export function currentMethodOf({ controller, methodName }: LinkedMethod): Method {
  return Reflect.get(controller.prototype, methodName) as Method;
}

function overrideInherited(prototype: object, name: string, inherited: Method): Method {
  const override = {
    [name](this: unknown, ...args: never[]) {
      return inherited.apply(this, args);
    },
  }[name]!;
  // All that decorators wrote on the inherited method is read through the prototype chain.
  Object.setPrototypeOf(override, inherited);
  Object.defineProperty(prototype, name, { value: override, writable: true, configurable: true });
  return override;
}
