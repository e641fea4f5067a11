import type { CallbackLink } from './callback-metadata.js';
import { addLink, defineLinkId, linkIdOf } from './callback-metadata.js';
import { defineExtension, routeMethodsOf } from './route-metadata.js';
import type { Method } from './route-metadata.js';

/**
 * The extension that identifies the operation of a linked method in a finished document, whatever its prefix, version
 * or operationId is. `withCallbacks()` removes it.
 */
export const LINK_EXTENSION = 'x-nestjs-callbacks';

/**
 * A method of a controller that has links. It is identified by its name, since a decorator that wraps the method
 * replaces the function and copies its metadata.
 */
export interface LinkedMethod {
  /** The class that has the link: the one that declares the method, or a subclass. */
  readonly controller: { readonly name: string; readonly prototype: object };
  readonly methodName: string;
}

/** The linked methods of this process by the value of their extension, which must survive JSON. */
const linkedMethods = new Map<string, LinkedMethod>();

/**
 * Adds a link to the operation of a method.
 *
 * @param method - the current function of the method.
 */
export function linkMethod(linked: LinkedMethod, method: Method, link: CallbackLink): void {
  addLink(method, link);
  identifyMethod(linked, method);
}

/** Marks the operation of a method, so that it can be found in a finished document. */
export function identifyMethod(linked: LinkedMethod, method: Method): void {
  const { controller, methodName } = linked;
  const known = linkedMethodOf(linkIdOf(method));
  // A method that a subclass inherits or copies has the id of the base class.
  if (known?.controller.prototype === controller.prototype && known.methodName === methodName) return;
  const id = `${controller.name}.${methodName}#${linkedMethods.size + 1}`;
  linkedMethods.set(id, linked);
  defineLinkId(method, id);
  defineExtension(method, LINK_EXTENSION, id);
}

/**
 * Adds a link to every operation of a controller class. An inherited method gets an override that only calls it, so
 * that other classes which inherit the method do not get the link.
 */
export function linkController(controller: LinkedMethod['controller'], link: CallbackLink): void {
  const { prototype } = controller;
  for (const [methodName, found] of routeMethodsOf(prototype)) {
    const method = Object.hasOwn(prototype, methodName) ? found : overrideInherited(prototype, methodName, found);
    linkMethod({ controller, methodName }, method, link);
  }
}

/** Returns the method that the extension of an operation names, or `undefined` if this process does not know it. */
export function linkedMethodOf(id: unknown): LinkedMethod | undefined {
  return linkedMethods.get(String(id));
}

/** Returns the function of a linked method, once all decorators have run. */
export function currentMethodOf({ controller, methodName }: LinkedMethod): Method {
  return Reflect.get(controller.prototype, methodName) as Method;
}

function overrideInherited(prototype: object, name: string, inherited: Method): Method {
  const override = {
    [name](this: unknown, ...args: never[]) {
      return inherited.apply(this, args);
    },
  }[name]!;
  // Metadata of the inherited method is read through the prototype chain.
  Object.setPrototypeOf(override, inherited);
  Object.defineProperty(prototype, name, { value: override, writable: true, configurable: true });
  return override;
}
