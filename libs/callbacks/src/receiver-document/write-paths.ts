import { isDeepStrictEqual } from 'node:util';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { OperationObject } from '../openapi/openapi-types.js';
import { createNamer } from '../openapi/unique-name.js';
import { groupBy } from './group-by.js';
import { pruneLinks } from './prune-links.js';
import { itemOfOperations } from './operations-of-item.js';
import { shapeOf } from './place-routes.js';
import type { Slot } from './place-routes.js';
import { writeServers } from './server.js';
import type { Server } from './server.js';
import { withNames } from './split-url.js';
import { WEBHOOKS_TAG, writeOperation } from './write-operation.js';

/** The parts of a document that are written from the routes of its callbacks. */
export type WrittenPaths = Pick<OpenAPIObject, 'paths' | 'servers' | 'tags'>;

/**
 * Writes paths, and what they share: servers stand at the root where all operations have the same, else at the path,
 * and else at the operation.
 */
export function writePaths(
  slots: readonly Slot[],
  document: OpenAPIObject,
  sign: (operation: OperationObject) => OperationObject,
): WrittenPaths {
  const nameOperation = createNamer([]);
  // One that was made of several has a name that nothing links to.
  const single = slots.filter(({ operations }) => operations.length === 1);
  const operationIds = new Set(single.map(({ operations }) => operations[0]!.operationId));
  const shared = sharedServers(slots);
  const paths: OpenAPIObject['paths'] = {};
  for (const same of groupBy(slots, ({ text }) => shapeOf(text)).values()) {
    // The names of the first hold for all: paths that differ in names only are one path.
    const { text, routes } = same[0]!;
    const names = routes[0]!.path.map(({ name }) => name);
    const ofItem = shared ? undefined : sharedServers(same);
    const operations = same.map((slot): [string, OperationObject] => {
      const written = pruneLinks(sign(writeOperation(slot, names, document)), operationIds, document);
      const servers = shared || ofItem ? {} : { servers: writeServers(serversOf([slot])) };
      return [slot.method, { ...written, operationId: nameOperation(written.operationId!), ...servers }];
    });
    paths[withNames(text, names)] = { ...(ofItem ? { servers: ofItem } : {}), ...itemOfOperations(operations) };
  }
  return { ...(shared ? { servers: shared } : {}), tags: writeTags(slots), paths };
}

/** The servers of these operations, if all of them have the same. */
function sharedServers(slots: readonly Slot[]) {
  const urls = slots.map((slot) => [...new Set(serversOf([slot]).map(({ url }) => url))]);
  const areSame = urls.length > 0 && urls.every((candidates) => isDeepStrictEqual(candidates, urls[0]));
  return areSame ? writeServers(serversOf(slots)) : undefined;
}

function serversOf(slots: readonly Slot[]): Server[] {
  return slots.flatMap(({ routes }) => routes.flatMap(({ servers }) => servers));
}

/** A tag for each operation that leads to a callback. */
function writeTags(slots: readonly Slot[]): NonNullable<OpenAPIObject['tags']> {
  const triggers = slots.flatMap(({ routes }) => routes.map(({ trigger }) => trigger));
  const descriptions = new Map(
    triggers.map((trigger) =>
      trigger ? [trigger.title, trigger.summary] : [WEBHOOKS_TAG, 'Sent to URLs that were agreed on elsewhere.'],
    ),
  );
  return [...descriptions].map(([name, description]) => (description ? { name: name!, description } : { name: name! }));
}
