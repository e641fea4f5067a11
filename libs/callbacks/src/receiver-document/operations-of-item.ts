import { METHODS } from '../openapi/document-operations.js';
import type { OperationObject, PathItemObject } from '../openapi/openapi-types.js';

/** The operations of a path item by their methods, those with methods of their own (OpenAPI 3.2) too. */
export function operationsOfItem(item: PathItemObject): [method: string, operation: OperationObject][] {
  const { additionalOperations = {} } = item as { additionalOperations?: Record<string, OperationObject> };
  const fixed = Object.entries(item).filter(([field]) => METHODS.has(field)) as [string, OperationObject][];
  return [...fixed, ...Object.entries(additionalOperations)];
}

/** Writes operations as a path item: the inverse of `operationsOfItem()`. */
export function itemOfOperations(operations: Iterable<readonly [method: string, operation: OperationObject]>) {
  const all = [...operations];
  const own = all.filter(([method]) => !METHODS.has(method));
  const fixed = all.filter(([method]) => METHODS.has(method));
  return { ...Object.fromEntries(fixed), ...(own.length > 0 ? { additionalOperations: Object.fromEntries(own) } : {}) };
}
