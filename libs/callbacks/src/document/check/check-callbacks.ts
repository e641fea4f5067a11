import { Logger } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { uncheckedArgumentsOf } from '../../contract/request-arguments.js';
import type { AppCallbacks } from '../app-callbacks.js';
import { CallbackDocumentError, ProblemList } from '../../errors/callback-problem.js';
import { CallbackGraph } from '../link/callback-graph.js';
import { findMountedCallbackControllers, linkedMethodsIn } from '../../metadata/app-controllers.js';
import { findUnlinkedUrls } from './find-unlinked-urls.js';
import { linkWebhooks } from '../link/link-operations.js';

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
