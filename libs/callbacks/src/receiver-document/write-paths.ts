import type { OpenAPIObject } from '@nestjs/swagger';
import { itemOfOperations, parameterKey } from '../openapi/document-operations.js';
import type { Equality } from '../openapi/equality.js';
import type {
  LinkObject,
  OperationObject,
  Referable,
  ResponseObject,
  ServerObject,
  SecuritySchemes,
} from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import { createNamer } from '../openapi/create-namer.js';
import { groupBy } from './group-by.js';
import { pathShapeOf } from './place-routes.js';
import type { Endpoint } from './place-routes.js';
import { writeServers } from './servers.js';
import type { Server } from './servers.js';
import { withNames } from './url-segments.js';
import { createOperationWriter, WEBHOOKS_TAG } from './write-operation.js';
import { SIGNATURE_HEADERS } from '../contract/request-arguments.js';

/** The parts of a document that are made from routes. */
export type WrittenPaths = Pick<OpenAPIObject, 'paths' | 'servers' | 'tags'>;

/**
 * Writes paths, servers and tags. Servers are written once at the root if all operations share them, otherwise at the
 * path if possible, otherwise at the operation.
 */
export function writePaths(
  endpoints: readonly Endpoint[],
  resolver: Resolver,
  equality: Equality,
  sign: (operation: OperationObject) => OperationObject,
): WrittenPaths {
  const writeOperation = createOperationWriter(resolver, equality);
  const nameOperation = createNamer([]);
  // A merged operation has a new operationId, which no link uses.
  const single = endpoints.flatMap(({ operations }) => (operations.size === 1 ? [...operations.values()] : []));
  const operationIds = new Set(single.map(({ operationId }) => operationId));
  const shared = sharedServers(endpoints);
  const paths: OpenAPIObject['paths'] = {};
  for (const same of groupBy(endpoints, ({ path }) => pathShapeOf(path)).values()) {
    // The names of the first endpoint apply to all, since paths that differ only in names are equal.
    const { path, routes } = same[0]!;
    const names = routes[0]!.pathParameters.map(({ name }) => name);
    const ofItem = shared ? undefined : sharedServers(same);
    const operations = same.map((endpoint): [string, OperationObject] => {
      const operation = writeOperation(endpoint, names);
      const written = pruneLinks(sign(operation), operationIds, resolver);
      const servers = shared || ofItem ? {} : { servers: writeServers(serversOf([endpoint])) };
      return [endpoint.method, { ...written, operationId: nameOperation(operation.operationId), ...servers }];
    });
    paths[withNames(path, names)] = { ...(ofItem ? { servers: ofItem } : {}), ...itemOfOperations(operations) };
  }
  return { ...(shared ? { servers: shared } : {}), tags: writeTags(endpoints), paths };
}

/** Returns the servers of these operations, if all have the same ones. */
function sharedServers(endpoints: readonly Endpoint[]): ServerObject[] | undefined {
  const urls = endpoints.map((endpoint) => JSON.stringify([...new Set(serversOf([endpoint]).map(({ url }) => url))]));
  return new Set(urls).size === 1 ? writeServers(serversOf(endpoints)) : undefined;
}

function serversOf(endpoints: readonly Endpoint[]): Server[] {
  return endpoints.flatMap(({ routes }) => routes.flatMap(({ servers }) => servers));
}

/** Removes the links in responses to operations that the receiver does not have. */
export function pruneLinks(
  operation: OperationObject,
  operationIds: ReadonlySet<string | undefined>,
  resolver: Resolver,
): OperationObject {
  const isKept = (value: Referable<LinkObject>) => {
    const { operationId, operationRef }: LinkObject = resolver.resolve(value) ?? {};
    return operationId === undefined ? operationRef?.startsWith('#') === false : operationIds.has(operationId);
  };
  const responses = Object.entries(operation.responses ?? {}).map(([status, response]) => {
    const { links = {}, ...rest }: Partial<ResponseObject> = resolver.resolve(response) ?? {};
    const all = Object.entries(links);
    const kept = all.filter(([, link]) => isKept(link));
    if (kept.length === all.length) return [status, response];
    return [status, kept.length === 0 ? rest : { ...rest, links: Object.fromEntries(kept) }];
  });
  return responses.length === 0 ? operation : { ...operation, responses: Object.fromEntries(responses) };
}

/** Returns a tag for each operation that triggers a callback. */
function writeTags(endpoints: readonly Endpoint[]): NonNullable<OpenAPIObject['tags']> {
  const triggers = endpoints.flatMap(({ routes }) => routes.map(({ trigger }) => trigger));
  const descriptions = new Map(
    triggers.map((trigger) =>
      trigger ? [trigger.title, trigger.summary] : [WEBHOOKS_TAG, 'Sent to URLs that were registered in advance.'],
    ),
  );
  return [...descriptions].map(([name, description]) => (description ? { name: name!, description } : { name: name! }));
}

const SCHEME = {
  type: 'apiKey' as const,
  in: 'header',
  name: 'webhook-signature',
  description:
    'The value of the header `webhook-signature` of the request that you try out: `v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`, with your secret as the key. The description of this document explains step by step how to create and verify it, according to [Standard Webhooks](https://www.standardwebhooks.com).',
};

/** Adds a security scheme for the signature to operations that have its headers. */
export function createSigner({ components }: OpenAPIObject, resolver: Resolver) {
  const name = createNamer(Object.keys(components?.securitySchemes ?? {}))('webhookSignature');
  const schemes: SecuritySchemes = {};

  function sign(operation: OperationObject): OperationObject {
    const keys = new Set(operation.parameters?.map((parameter) => parameterKey(parameter, resolver)));
    if (!SIGNATURE_HEADERS.every((header) => keys.has(`header ${header}`))) return operation;
    schemes[name] = SCHEME;
    const own = operation.security ?? [];
    const security = (own.length === 0 ? [{}] : own).map((requirement) => ({ ...requirement, [name]: [] }));
    return { ...operation, security };
  }

  return { sign, schemes };
}
