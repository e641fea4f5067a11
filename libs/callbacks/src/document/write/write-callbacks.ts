import type { ReceiverOperation } from '../../contract/callback-contract.js';
import type { CallbackGraph, CallbackNode } from '../link/callback-graph.js';
import type {
  CallbackObject,
  CallbacksObject,
  ComponentCallbacks,
  OperationObject,
} from '../../openapi/openapi-types.js';
import { withoutLinkExtension } from '../../openapi/document-operations.js';
import { addSignatureHeaders } from './signature-headers.js';
import { createNamer } from '../../openapi/unique-name.js';

/** Writes the nodes of a graph as the `callbacks` of operations. */
export interface CallbackWriter {
  /** The `callbacks` of an operation that has these nodes. */
  write(nodes: readonly CallbackNode[]): CallbacksObject;
  /** The Callback Object of a node, whether or not it is shared. */
  writeInline(node: CallbackNode): CallbackObject;
  /** The Operation Object of an operation, or `undefined` where it is excluded. */
  writeOperation(operation: ReceiverOperation): OperationObject | undefined;
  /** Whether an Operation Object of the document is one that was written for an operation before. */
  hasWritten(operation: ReceiverOperation, written: object): boolean;
  /** The callbacks that several operations share, and that were written so far: `components.callbacks`. */
  readonly shared: ComponentCallbacks;
}

/** What a writer has to know of the document and of the app. */
export interface WriterContext {
  /** The operationIds that are taken. */
  readonly operationIds: Iterable<string>;
  /** The names of `components.callbacks` that are taken. */
  readonly callbacks: Iterable<string>;
  /** Writes what OpenAPI ignores among the parameters in the place where it counts. */
  readonly authorize: (operation: OperationObject) => OperationObject;
  /** Whether what is sent is signed: the receiver finds the signature in three more headers. */
  readonly isSigned: boolean;
}

/**
 * Prepares to write callbacks into a document. A node with one user is written where it is used; one with several is
 * written once, in `shared`, and referenced.
 */
export function createCallbackWriter(
  graph: CallbackGraph,
  explored: ReadonlyMap<ReceiverOperation, OperationObject>,
  context: WriterContext,
): CallbackWriter {
  const nameOperation = createNamer(context.operationIds);
  const nameShared = createNamer(context.callbacks);
  const shared: ComponentCallbacks = {};
  const references = new Map<CallbackNode, string>();

  function write(nodes: readonly CallbackNode[]): CallbacksObject {
    const callbacks: CallbacksObject = {};
    for (const node of nodes) {
      if (!node.operations.some((operation) => explored.has(operation))) continue;
      callbacks[node.name] = node.users.length > 1 ? writeShared(node) : writeInline(node);
    }
    return callbacks;
  }

  function writeShared(node: CallbackNode): { $ref: string } {
    const known = references.get(node);
    if (known !== undefined) return { $ref: known };
    const name = nameShared(`${node.operations[0]!.callbacks.name}.${node.name}`.replace(/[^\w.-]/g, '_'));
    const $ref = `#/components/callbacks/${name}`;
    // Known before it is written: a callback can be one of its own callbacks.
    references.set(node, $ref);
    shared[name] = {};
    shared[name] = writeInline(node);
    return { $ref };
  }

  function writeInline(node: CallbackNode): CallbackObject {
    const callback: Record<string, Record<string, OperationObject>> = {};
    for (const operation of node.operations) {
      const written = writeOperation(operation);
      if (written) (callback[operation.urlText] ??= {})[operation.httpMethod] = written;
    }
    return callback;
  }

  function writeOperation(operation: ReceiverOperation): OperationObject | undefined {
    const found = explored.get(operation);
    if (!found) return undefined;
    // The security of the API is not the receiver's: an operation without its own has none.
    const written = { security: [], ...context.authorize(withoutLinkExtension(found)) };
    if (context.isSigned) written.parameters = addSignatureHeaders(written.parameters);
    if (written.operationId !== undefined) written.operationId = nameOperation(written.operationId);
    const nested = graph.nestedIn(operation);
    return nested.length === 0 ? written : { ...written, callbacks: { ...written.callbacks, ...write(nested) } };
  }

  function hasWritten(operation: ReceiverOperation, { operationId }: { operationId?: string }): boolean {
    const own = explored.get(operation)?.operationId;
    if (own === undefined || operationId === undefined) return false;
    return (
      operationId === own || (operationId.startsWith(`${own}_`) && /^\d+$/.test(operationId.slice(own.length + 1)))
    );
  }

  return { hasWritten, write, writeInline, writeOperation, shared };
}
