import type { CallbackClass } from '../../metadata/callback-metadata.js';
import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { WebhookOperation } from '../../contract/callback-contract.js';
import type { CallbackProblem, ProblemList } from '../../errors/callback-problem.js';
import { linksOf } from '../../metadata/callback-metadata.js';
import { currentMethodOf, linkedMethodOf } from '../../metadata/operation-links.js';
import type { LinkedMethod } from '../../metadata/operation-links.js';
import { readWebhookContract } from '../../contract/read-contract.js';
import type { AppCallbacks } from '../app-callbacks.js';
import type { CallbackGraph, CallbackNode } from './callback-graph.js';
import { linkExtensionOf } from '../../openapi/document-operations.js';
import type { DocumentOperation } from '../../openapi/document-operations.js';
import { reservedName } from './callback-graph.js';

/** An operation of the API that has links. */
export interface LinkedOperation extends DocumentOperation {
  /** The callbacks that it links to. */
  readonly nodes: readonly CallbackNode[];
  /** The method that the operation came from, if it is known. */
  readonly linked: LinkedMethod | undefined;
}

/** Returns the operations of the API that have links, with the callbacks that they link to. */
export function linkOperations(
  operations: readonly DocumentOperation[],
  { callbacks: appCallbacks, webhooks }: Pick<AppCallbacks, 'callbacks' | 'webhooks'>,
  graph: CallbackGraph,
  problems: ProblemList,
): LinkedOperation[] {
  const appLinks = appCallbacks.map((callbacks) => ({ callbacks }));
  // A result of withCallbacks() already has the webhooks, which are not operations of the API.
  const sent = titlesOfWebhooks(webhooks);
  return operations.flatMap((documented) => {
    const { operation, title } = documented;
    if (sent.has(title)) return [];
    const id = linkExtensionOf(operation);
    if (id === undefined && appLinks.length === 0) return [];
    const linked = id === undefined ? undefined : linkedMethodOf(id);
    if (id !== undefined && !linked) problems.add(unknownLink(title));
    const links = [...appLinks, ...(linked ? linksOf(currentMethodOf(linked)) : [])];
    return [{ ...documented, linked, nodes: graph.add(links, title) }];
  });
}

/** Returns the operations of the app's webhooks, each name and HTTP method once. */
export function linkWebhooks(
  classes: readonly CallbackClass[],
  graph: CallbackGraph,
  problems: ProblemList,
): WebhookOperation[] {
  const operations = new Map<string, WebhookOperation>();
  for (const webhooks of classes) {
    const contract = readWebhookContract(webhooks);
    contract.problems.forEach((problem) => problems.add(problem));
    for (const operation of contract.excluded ? [] : contract.operations) {
      if (operation.webhook === '__proto__') {
        problems.add(reservedName(qualifiedNameOf(operation), 'webhook'));
        continue;
      }
      const key = `${operation.httpMethod} ${operation.webhook}`;
      if (operations.has(key)) problems.add(duplicateWebhook(operation));
      else operations.set(key, operation);
      graph.addNested(operation, qualifiedNameOf(operation));
    }
  }
  return [...operations.values()];
}

/** Returns the titles of the operations of these classes in a document that has them already. */
function titlesOfWebhooks(classes: readonly CallbackClass[]): Set<string> {
  const operations = classes.flatMap((webhooks) => readWebhookContract(webhooks).operations);
  return new Set(operations.map(({ httpMethod, webhook }) => `${httpMethod.toUpperCase()} webhook ${webhook}`));
}

function unknownLink(title: string): CallbackProblem {
  const message = 'Its @ApiCallback() comes from another copy of nestjs-callbacks than withCallbacks().';
  return {
    code: 'unknown-link',
    place: title,
    message,
    fix: 'Install one copy only: `npm ls nestjs-callbacks` lists them.',
  };
}

/** Returns the problem of two webhooks with the same name and HTTP method. */
export function duplicateWebhook(operation: WebhookOperation): CallbackProblem {
  const name = `${operation.httpMethod.toUpperCase()} ${operation.webhook}`;
  const message = `The webhook ${name} already exists.`;
  return {
    code: 'duplicate-operation',
    place: qualifiedNameOf(operation),
    message,
    fix: 'Give one of them another name: the path of the method.',
  };
}
