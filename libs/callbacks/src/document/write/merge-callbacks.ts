import type { CallbackProblem } from '../../errors/callback-problem.js';
import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { CallbackOperation } from '../../contract/callback-contract.js';
import type { CallbackNode } from '../link/callback-graph.js';
import { operationIn } from '../../openapi/document-operations.js';
import type { CallbackObject, CallbacksObject, PathItemObject, Referable } from '../../openapi/openapi-types.js';
import { referenceIn, Resolver } from '../../openapi/resolve-reference.js';
import { duplicateOperation } from '../link/select-callbacks.js';
import type { CallbackWriter } from './write-callbacks.js';

/** What merging the callbacks of an operation needs. */
export interface MergeContext {
  readonly writer: CallbackWriter;
  /** The document that the operation is of, which references lead into. */
  readonly document: object;
  readonly report: (problem: CallbackProblem) => void;
}

/**
 * The `callbacks` of an operation: those that it has already (from `@nestjs/swagger`'s own `@ApiCallbacks()`, or from
 * `withCallbacks()` before) and, beside them, the linked ones. Under one name both are kept, as long as they differ in
 * URL or method.
 */
export function mergeCallbacks(
  existing: CallbacksObject | undefined,
  nodes: readonly CallbackNode[],
  context: MergeContext,
): CallbacksObject {
  if (!existing) return context.writer.write(nodes);
  const isTaken = ({ name }: CallbackNode) => Object.hasOwn(existing, name);
  const merged: CallbacksObject = { ...existing, ...context.writer.write(nodes.filter((node) => !isTaken(node))) };
  for (const node of nodes.filter(isTaken)) {
    merged[node.name] = mergeCallback(existing[node.name]!, node, context);
  }
  return merged;
}

function mergeCallback(
  given: Referable<CallbackObject>,
  node: CallbackNode,
  context: MergeContext,
): Referable<CallbackObject> {
  const { writer, report } = context;
  const existing = resolve(given, node, context) ?? {};
  const isNew = (operation: CallbackOperation) => {
    const { urlText, httpMethod } = operation;
    const twin = existing[urlText] && operationIn(resolve(existing[urlText], node, context), httpMethod);
    if (!twin) return true;
    if (!writer.hasWritten(operation, twin)) report(duplicateOperation(node.name, operation, '@ApiCallbacks()'));
    return false;
  };
  const operations = node.operations.filter(isNew);
  if (operations.length === 0) return given;
  const linked = writer.writeInline({ ...node, operations });
  const urls = new Set([...Object.keys(existing), ...Object.keys(linked)]);
  return Object.fromEntries(
    [...urls].map((url): [string, PathItemObject] => {
      const item = existing[url];
      if (!item || !linked[url]) return [url, (item ?? linked[url])!];
      return [url, { ...linked[url], ...resolve(item, node, context) }];
    }),
  );
}

/** What stands under a name, or what the reference there leads to. */
function resolve<T extends object>(
  value: Referable<T>,
  node: CallbackNode,
  { document, report }: MergeContext,
): T | undefined {
  const resolved = new Resolver(document).resolve<T>(value);
  if (resolved) return resolved;
  report({
    code: 'unknown-reference',
    place: qualifiedNameOf(node.operations[0]!),
    message: `The callback ${node.name} of the operation is a reference to ${referenceIn(value)}, which is not in the document.`,
    fix: 'Correct the reference, or give the linked callback another name: @ApiCallback(Class, { name }).',
  });
  return undefined;
}
