import type { ModulesContainer } from '@nestjs/core';
import type { CallbackClass } from './callback-class.js';
import type { CallbackLink } from './callback-link.js';
import { linksOf } from './callback-metadata.js';
import { routeMethodsOf } from './route-metadata.js';

/** A method of a controller that has links. */
export interface MethodWithLinks {
  /** The name of the method, such as `InvoicesController.create`. */
  readonly title: string;
  readonly links: readonly CallbackLink[];
}

/** Returns the linked methods of all controllers of an app. */
export function linkedMethodsIn(modules: ModulesContainer): MethodWithLinks[] {
  const controllers = [...modules.values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => {
    const prototype = metatype?.prototype as object | undefined;
    if (!metatype || !prototype) return [];
    return [...routeMethodsOf(prototype)]
      .map(([name, method]) => ({ title: `${metatype.name}.${name}`, links: linksOf(method) }))
      .filter(({ links }) => links.length > 0);
  });
}

/** Returns the callback classes that an app links to its operations. */
export function linkedClassesIn(modules: ModulesContainer): CallbackClass[] {
  const links = linkedMethodsIn(modules).flatMap((method) => method.links);
  return [...new Set(links.map(({ callbacks }) => callbacks))];
}
