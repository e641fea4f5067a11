import type { ModulesContainer } from '@nestjs/core';
import type { CallbackClass } from '../../metadata/callback-metadata.js';
import type { CallbackProblem } from '../../errors/callback-problem.js';
import { linksOf, urlClassesOf } from '../../metadata/callback-metadata.js';
import { readCallbackContract } from '../../contract/read-contract.js';
import { routeControllersIn } from '../../metadata/app-controllers.js';
import { isExcludedEndpoint, isExcludedFromDocuments } from '../../metadata/route-metadata.js';

/**
 * Finds documented operations that take the URLs of callbacks without linking them, so that the documentation does not
 * mention these callbacks.
 */
export function findUnlinkedUrls(modules: ModulesContainer, appCallbacks: readonly CallbackClass[]): CallbackProblem[] {
  return routeControllersIn(modules).flatMap(({ controller, methods }) => {
    if (isExcludedFromDocuments(controller)) return [];
    return [...methods].flatMap(([name, method]) => {
      if (isExcludedEndpoint(method)) return [];
      const linked = [...appCallbacks, ...linksOf(method).map(({ callbacks }) => callbacks)];
      const unlinked = urlClassesOf(controller.prototype as object, name).filter(
        (taken) => !linked.some((one) => isOrExtends(one, taken)) && !isExcluded(taken),
      );
      return unlinked.map((callbacks) => unlinkedUrls(`${controller.name}.${name}`, callbacks as CallbackClass));
    });
  });
}

function isExcluded(taken: unknown): boolean {
  return typeof taken === 'function' && isExcludedFromDocuments(taken);
}

/** A class that extends another has all of its handlers. */
function isOrExtends(linked: CallbackClass, taken: unknown): boolean {
  if (linked === taken) return true;
  return typeof taken === 'function' && typeof linked === 'function' && linked.prototype instanceof taken;
}

function unlinkedUrls(place: string, callbacks: CallbackClass): CallbackProblem {
  const [problem] = readCallbackContract(callbacks).problems;
  if (problem?.code === 'not-a-callback-controller') return { ...problem, linkedFrom: [place] };
  const { name } = callbacks;
  return {
    code: 'unlinked-urls',
    place,
    message: `It takes the URLs of ${name} with @CallbackUrls() but does not link ${name}, so its documentation does not mention these callbacks.`,
    fix: `Put @ApiCallback(${name}) on ${place}, or @ApiExcludeController() on ${name} if its callbacks are not meant to be documented.`,
  };
}
