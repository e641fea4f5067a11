import { Logger } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { uncheckedArgumentsOf } from '../../contract/request-arguments.js';
import type { AppCallbacks } from '../app-callbacks.js';
import { CallbackDocumentError, ProblemList } from '../../errors/callback-problem.js';
import type { CallbackProblem } from '../../errors/callback-problem.js';
import { CallbackGraph } from '../link/callback-graph.js';
import { findMountedCallbackControllers, linkedMethodsIn, routeControllersIn } from '../../metadata/app-controllers.js';
import { linkWebhooks } from '../link/link-operations.js';
import { linksOf, urlClassesOf } from '../../metadata/callback-metadata.js';
import type { CallbackClass } from '../../metadata/callback-metadata.js';
import { readCallbackContract } from '../../contract/read-contract.js';
import { isExcludedEndpoint, isExcludedFromDocuments } from '../../metadata/route-metadata.js';

/**
 * Checks every linked callback of an app without a document: reports all that is wrong in a callback class or in a link.
 *
 * @throws CallbackDocumentError with every problem.
 */
export function checkCallbacks(modules: ModulesContainer, { callbacks, webhooks }: AppCallbacks): void {
  const problems = new ProblemList();
  findMountedCallbackControllers(modules).forEach((problem) => problems.add(problem));
  const graph = new CallbackGraph(problems);
  const appLinks = callbacks.map((linked) => ({ callbacks: linked }));
  for (const { title, links } of linkedMethodsIn(modules)) graph.add([...appLinks, ...links], title);
  graph.add(appLinks, 'CallbacksModule.forRoot()');
  const sent = linkWebhooks(webhooks, graph, problems);
  findUnlinkedUrls(modules, callbacks).forEach((problem) => problems.add(problem));
  const found = problems.all();
  if (found.length > 0) throw new CallbackDocumentError(found);
  [...graph.operations(), ...sent].forEach(warnOfUnchecked);
}

/** Warns about arguments that are sent unchecked. */
function warnOfUnchecked(operation: ReceiverOperation): void {
  const parts = uncheckedArgumentsOf(operation).map(({ name }) => (name === undefined ? 'body' : `body.${name}`));
  if (parts.length === 0) return;
  new Logger('CallbacksModule').warn(
    `${qualifiedNameOf(operation)}: the type of ${parts.join(', ')} is unknown at run time, so it is documented as {} and sent unchecked. ` +
      'Fix: declare a class (not an interface, a union or an `import type`), or set the `type` or `schema` of @ApiBody().',
  );
}

/**
 * Finds documented operations that take the URLs of callbacks without linking them, so that the documentation does not
 * mention these callbacks.
 */
function findUnlinkedUrls(modules: ModulesContainer, appCallbacks: readonly CallbackClass[]): CallbackProblem[] {
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
