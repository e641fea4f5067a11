import { isDeepStrictEqual } from 'node:util';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import type { CallbackGraph, CallbackNode } from '../link/callback-graph.js';
import type {
  CallbackObject,
  CallbacksObject,
  ComponentCallbacks,
  OperationObject,
  ParameterObject,
  SecuritySchemes,
} from '../../openapi/openapi-types.js';
import { withoutLinkExtension } from '../../openapi/document-operations.js';
import { createNamer } from '../../openapi/create-namer.js';

type ParameterList = NonNullable<OperationObject['parameters']>;
type Parameter = ParameterList[number];

/** Writes the nodes of a graph as the `callbacks` of operations. */
export interface CallbackWriter {
  /** Returns the `callbacks` of an operation that has these nodes. */
  write(nodes: readonly CallbackNode[]): CallbacksObject;
  /** Returns the Callback Object of a node, whether or not it is shared. */
  writeInline(node: CallbackNode): CallbackObject;
  /** Returns the Operation Object of an operation, or `undefined` if it is excluded. */
  writeOperation(operation: ReceiverOperation): OperationObject | undefined;
  /** Whether an Operation Object of the document was written for this operation before. */
  hasWritten(operation: ReceiverOperation, written: object): boolean;
  /** The shared callbacks that were written so far: `components.callbacks`. */
  readonly shared: ComponentCallbacks;
}

/** What a writer must know of the document and of the app. */
export interface WriterContext {
  /** The operationIds that are taken. */
  readonly operationIds: Iterable<string>;
  /** The names of `components.callbacks` that are taken. */
  readonly callbacks: Iterable<string>;
  /** Writes an `Authorization` header as a security scheme: OpenAPI ignores it among the parameters. */
  readonly authorize: (operation: OperationObject) => OperationObject;
  /** Whether requests are signed: they have three more headers. */
  readonly isSigned: boolean;
}

/**
 * Creates a writer of callbacks for one document. A node with one user is written where it is used. A node with several
 * users is written once, in `shared`, and referenced.
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
    // The reference is set first, because a callback can be one of its own callbacks.
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
    // The security of the API does not apply to the receiver: an operation without its own has none.
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

/** The header parameters of a signed request, by Standard Webhooks. */
const SIGNATURE_PARAMETERS = [
  signatureHeader(
    'webhook-id',
    'The id of the delivery. It is the same on every attempt: if you know it already, you have received this callback before.',
    'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
  ),
  signatureHeader(
    'webhook-timestamp',
    'When this attempt was made, in seconds since 1970. Reject a time that is more than five minutes in the past or the future.',
    '1674087231',
  ),
  signatureHeader(
    'webhook-signature',
    '`v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`. Several signatures are separated by spaces: one valid signature is enough.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
];

/** Adds the headers of the signature to parameters that do not declare them. */
function addSignatureHeaders(parameters: ParameterList = []): ParameterList {
  const declared = new Set(parameters.map((parameter) => ('name' in parameter ? parameter.name.toLowerCase() : '')));
  return [...parameters, ...SIGNATURE_PARAMETERS.filter(({ name }) => !declared.has(name))];
}

function signatureHeader(name: string, description: string, example: string) {
  return { name, in: 'header' as const, required: true, description, schema: { type: 'string' }, example };
}

/** The header is sent unchanged, in any scheme: `Bearer ...`, `Basic ...`, or a key alone. */
const AUTHORIZATION_SCHEME = {
  type: 'apiKey' as const,
  in: 'header',
  name: 'Authorization',
  description: 'The `Authorization` header that was agreed on with the sender.',
};

/** Writes an `Authorization` header parameter, which OpenAPI says is ignored, as a security scheme. */
export function createAuthorizer(existing: SecuritySchemes = {}) {
  const known = Object.keys(existing).find((key) => isDeepStrictEqual({ ...existing[key] }, AUTHORIZATION_SCHEME));
  const name = known ?? createNamer(Object.keys(existing))('authorization');
  const schemes: SecuritySchemes = {};

  function authorize(operation: OperationObject): OperationObject {
    const { parameters = [], security = [] } = operation;
    const headers = parameters.filter(isAuthorization);
    if (headers.length === 0) return operation;
    const others = parameters.filter((parameter) => !isAuthorization(parameter));
    // The user's own security scheme describes the header better.
    if (security.length > 0) return { ...operation, parameters: others };
    schemes[name] = AUTHORIZATION_SCHEME;
    const requirements = [{ [name]: [] }, ...(headers.some(({ required }) => required === false) ? [{}] : [])];
    return { ...operation, parameters: others, security: requirements };
  }

  return { authorize, schemes };
}

function isAuthorization(parameter: Parameter): parameter is ParameterObject {
  return 'in' in parameter && parameter.in === 'header' && parameter.name?.toLowerCase() === 'authorization';
}
