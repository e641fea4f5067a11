import type { CallbackLink } from './callback-link.js';
import { addLink, defineLinkId, linkIdOf, linksOf } from './metadata.js';
import { defineExtension, routeMethodsOf } from './route-metadata.js';
import type { Method } from './route-metadata.js';

/**
 * The extension by which an operation of a finished document is known to be the one of a linked method, whatever
 * prefix, version or operationId it was given. `withCallbacks()` takes it off.
 */
export const LINK_EXTENSION = 'x-nestjs-callbacks';

/** The linked methods of this process by the value of their extension, which has to survive JSON. */
const linkedMethods = new Map<string, Method>();

/** Links a method's operation. */
export function linkMethod(method: Method, className: string, link: CallbackLink): void {
  addLink(method, link);
  if (linkIdOf(method) !== undefined) return;
  const id = `${className}.${method.name}#${linkedMethods.size + 1}`;
  linkedMethods.set(id, method);
  defineLinkId(method, id);
  defineExtension(method, LINK_EXTENSION, id);
}

/**
 * Links every operation of a controller class. An inherited method gets an override that only calls it: the link
 * belongs to this class, not to the other classes that inherit the method.
 */
export function linkController(
  controller: { readonly name: string; readonly prototype: object },
  link: CallbackLink,
): void {
  const { name: className, prototype } = controller;
  for (const [name, method] of routeMethodsOf(prototype)) {
    linkMethod(Object.hasOwn(prototype, name) ? method : overrideInherited(prototype, name, method), className, link);
  }
}

/** The links behind the extension of an operation, or `undefined` where no method of this process wrote it. */
export function linksOfOperation(id: unknown): readonly CallbackLink[] | undefined {
  const method = linkedMethods.get(String(id));
  return method && linksOf(method);
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
