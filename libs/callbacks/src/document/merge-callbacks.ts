import type { CallbackProblem } from '../contract/callback-problem.js';
import { printUrlTemplate } from '../expression/url-template.js';
import type { CallbackNode } from './callback-graph.js';
import type { CallbackObject, CallbacksObject } from './openapi-types.js';
import { duplicateOperation } from './select-callbacks.js';
import type { CallbackWriter } from './write-callbacks.js';

/**
 * The `callbacks` of an operation: those that it has already (from `@nestjs/swagger`'s own `@ApiCallbacks()`) and,
 * beside them, the linked ones. Under one name both are kept, as long as they differ in URL or method.
 */
export function mergeCallbacks(
  existing: CallbacksObject = {},
  nodes: readonly CallbackNode[],
  writer: CallbackWriter,
  report: (problem: CallbackProblem) => void,
): CallbacksObject {
  const merged: CallbacksObject = {
    ...existing,
    ...writer.write(nodes.filter(({ name }) => !Object.hasOwn(existing, name))),
  };
  for (const node of nodes) {
    if (Object.hasOwn(existing, node.name))
      merged[node.name] = mergeCallback(existing[node.name] as CallbackObject, node, writer, report);
  }
  return merged;
}

function mergeCallback(
  existing: CallbackObject,
  node: CallbackNode,
  writer: CallbackWriter,
  report: (problem: CallbackProblem) => void,
): CallbackObject {
  for (const operation of node.operations) {
    const item = existing[printUrlTemplate(operation.url)] ?? {};
    if (Object.hasOwn(item, operation.httpMethod)) report(duplicateOperation(node.name, operation, '@ApiCallbacks()'));
  }
  const linked = writer.writeInline(node);
  const urls = new Set([...Object.keys(existing), ...Object.keys(linked)]);
  return Object.fromEntries([...urls].map((url) => [url, { ...linked[url], ...existing[url] }]));
}
