import type { OpenAPIObject } from '@nestjs/swagger';
import type { OperationObject, PathItemObject } from './openapi-types.js';

/** The fields of a path item that hold an operation, and the ones that Nest adds to them. */
const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query', 'search']);

/** An operation of the API, and how messages name it: `POST /invoices`. */
export type OperationVisitor = (operation: OperationObject, title: string) => OperationObject;

/** A copy of a document in which every operation of its paths and webhooks is what `visit` makes of it. */
export function mapOperations(document: OpenAPIObject, visit: OperationVisitor): OpenAPIObject {
  const { paths, webhooks } = document;
  return {
    ...document,
    paths: mapPathItems(paths, visit, ''),
    ...(webhooks ? { webhooks: mapPathItems(webhooks, visit, 'webhook ') } : {}),
  };
}

function mapPathItems(
  items: Record<string, PathItemObject>,
  visit: OperationVisitor,
  kind: string,
): Record<string, PathItemObject> {
  return mapValues(items, (item, path) =>
    mapValues(item as Record<string, unknown>, (value, field) =>
      METHODS.has(field) ? visit(value as OperationObject, `${field.toUpperCase()} ${kind}${path}`) : value,
    ),
  );
}

function mapValues<T>(record: Record<string, T>, map: (value: T, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
