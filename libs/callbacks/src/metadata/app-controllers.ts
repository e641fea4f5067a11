import type { Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { linksOf, callbackControllerOf, isWebhookController } from './callback-metadata.js';
import type { CallbackClass, CallbackLink } from './callback-metadata.js';
import { routeMethodsOf } from './route-metadata.js';
import type { Method } from './route-metadata.js';
import type { CallbackProblem } from '../errors/callback-problem.js';

/** A controller of an app, and its route methods by name. */
interface RouteController {
  readonly controller: Type;
  readonly methods: ReadonlyMap<string, Method>;
}

/** Returns all controllers of an app. */
export function routeControllersIn(modules: ModulesContainer): RouteController[] {
  const wrappers = [...modules.values()].flatMap((module) => [...module.controllers.values()]);
  return wrappers.flatMap(({ metatype }) => {
    const prototype = metatype?.prototype as object | undefined;
    // Nest types a metatype as a function or a class. One with a prototype is a class.
    return prototype ? [{ controller: metatype as Type, methods: routeMethodsOf(prototype) }] : [];
  });
}

/** A method of a controller that has links. */
export interface MethodWithLinks {
  /** The name of the method, such as `InvoicesController.create`. */
  readonly title: string;
  readonly links: readonly CallbackLink[];
}

/** Returns the linked methods of all controllers of an app. */
export function linkedMethodsIn(modules: ModulesContainer): MethodWithLinks[] {
  return routeControllersIn(modules).flatMap(({ controller, methods }) =>
    [...methods]
      .map(([name, method]) => ({ title: `${controller.name}.${name}`, links: linksOf(method) }))
      .filter(({ links }) => links.length > 0),
  );
}

/** Returns the callback classes that an app links to its operations. */
export function linkedClassesIn(modules: ModulesContainer): CallbackClass[] {
  const links = linkedMethodsIn(modules).flatMap((method) => method.links);
  return [...new Set(links.map(({ callbacks }) => callbacks))];
}

/** Finds callback and webhook classes in the `controllers` of modules. They must never be mounted. */
export function findMountedCallbackControllers(modules: ModulesContainer): CallbackProblem[] {
  return [...modules.values()].flatMap((module) =>
    [...module.controllers.values()]
      .filter(({ metatype }) => callbackControllerOf(metatype) ?? isWebhookController(metatype))
      .map(({ metatype, name }) => mounted(String(name), module.name, isWebhookController(metatype))),
  );
}

function mounted(controller: string, module: string, isWebhook: boolean): CallbackProblem {
  const message = `${controller} is listed in the controllers of ${module}. The receiver serves it; your API never does.`;
  const fix = isWebhook
    ? `Remove it from the controllers, and list it in CallbacksModule.forRoot({ webhooks: [${controller}] }).`
    : `Remove it from the controllers, and link it to an operation with @ApiCallback(${controller}).`;
  return { code: 'mounted-callback-controller', place: controller, message, fix };
}
