import type { CallbackProblem } from '../contract/callback-problem.js';
import type { CallbackNode } from './callback-graph.js';
import type { CallbackObject, CallbacksObject } from './openapi-types.js';
import { duplicateOperation } from './select-callbacks.js';
import type { CallbackWriter } from './write-callbacks.js';

/**
 * The `callbacks` of an operation: those that it has already (from `@nestjs/swagger`'s own `@ApiCallbacks()`) and,
 * beside them, the linked ones. Under one name both are kept, as long as they differ in URL or method.
 */
export function mergeCallbacks(
  existing: CallbacksObject | undefined,
  nodes: readonly CallbackNode[],
  writer: CallbackWriter,
  report: (problem: CallbackProblem) => void,
): CallbacksObject {
  if (!existing) return writer.write(nodes);
  const isTaken = ({ name }: CallbackNode) => Object.hasOwn(existing, name);
  const merged: CallbacksObject = { ...existing, ...writer.write(nodes.filter((node) => !isTaken(node))) };
  for (const node of nodes.filter(isTaken)) {
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
    const item = existing[operation.urlText] ?? {};
    if (Object.hasOwn(item, operation.httpMethod)) report(duplicateOperation(node.name, operation, '@ApiCallbacks()'));
  }
  const linked = writer.writeInline(node);
  const urls = new Set([...Object.keys(existing), ...Object.keys(linked)]);
  return Object.fromEntries([...urls].map((url) => [url, { ...linked[url], ...existing[url] }]));
}
