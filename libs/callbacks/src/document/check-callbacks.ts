import type { ModulesContainer } from '@nestjs/core';
import type { CallbackClass } from '../contract/callback-class.js';
import { linksOf } from '../contract/metadata.js';
import { routeMethodsOf } from '../contract/route-metadata.js';
import { CallbackDocumentError } from './callback-document.error.js';
import { CallbackGraph } from './callback-graph.js';
import { findMountedCallbackControllers } from './find-mounted-callback-controllers.js';
import { ProblemList } from './problem-list.js';

/**
 * Checks every linked callback of an app without a document: whatever is wrong in a callback class or in a link.
 *
 * @throws CallbackDocumentError with every problem.
 */
export function checkCallbacks(modules: ModulesContainer, appCallbacks: readonly CallbackClass[]): void {
  const problems = new ProblemList();
  findMountedCallbackControllers(modules).forEach((problem) => problems.add(problem));
  const graph = new CallbackGraph(problems);
  const appLinks = appCallbacks.map((callbacks) => ({ callbacks }));
  for (const { title, links } of linkedMethods(modules)) graph.add([...appLinks, ...links], title);
  if (appCallbacks.length > 0) graph.add(appLinks, 'CallbacksModule.forRoot()');
  const found = problems.all();
  if (found.length > 0) throw new CallbackDocumentError(found);
}

function linkedMethods(modules: ModulesContainer) {
  const controllers = [...modules.values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => {
    const prototype = metatype?.prototype as object | undefined;
    if (!metatype || !prototype) return [];
    return [...routeMethodsOf(prototype)]
      .map(([name, method]) => ({ title: `${metatype.name}.${name}`, links: linksOf(method) }))
      .filter(({ links }) => links.length > 0);
  });
}
