import type { OpenAPIObject } from '@nestjs/swagger';
import type { OperationObject, PathItemObject } from '../openapi/openapi-types.js';
import { resolveReference } from '../openapi/resolve-reference.js';

/** Two parameters of one key are one parameter. */
export function parameterKey(parameter: unknown, document: OpenAPIObject): string {
  const { in: place, name } = (resolveReference(parameter, document) ?? {}) as { in?: string; name?: string };
  return `${place} ${place === 'header' ? name?.toLowerCase() : name}`;
}

/**
 * An operation of a callback with what its path item says of it, and without what has its own place in the document of
 * the receiver: its callbacks, its servers and its tags.
 */
export function completeOperation(
  operation: OperationObject,
  item: PathItemObject,
  document: OpenAPIObject,
): OperationObject {
  const { callbacks, servers, tags, ...own } = operation;
  const { summary, description, parameters: shared = [] } = item;
  const declared = new Set(own.parameters?.map((parameter) => parameterKey(parameter, document)));
  const inherited = shared.filter((parameter) => !declared.has(parameterKey(parameter, document)));
  return {
    ...(summary === undefined ? {} : { summary }),
    ...(description === undefined ? {} : { description }),
    ...own,
    ...(inherited.length > 0 ? { parameters: [...inherited, ...(own.parameters ?? [])] } : {}),
  };
}
