import type { OpenAPIObject } from '@nestjs/swagger';
import { LINK_EXTENSION } from '../metadata/operation-links.js';
import { parameterKeyOf } from '../metadata/route-arguments.js';
import type { OperationObject, PathItemObject, ParameterObject, Referable } from './openapi-types.js';
import type { Resolver } from './resolve-reference.js';

/** The fields of a path item that hold an operation, and the ones that Nest adds to them. */
const METHODS: ReadonlySet<string> = new Set([
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
  'trace',
  'query',
  'search',
]);

/** The operations of a path item by their methods, those with methods of their own (OpenAPI 3.2) too. */
export function operationsOfItem(item: PathItemObject): [method: string, operation: OperationObject][] {
  const { additionalOperations = {} } = item;
  return [...fixedOperationsOf(item), ...Object.entries(additionalOperations)];
}

function fixedOperationsOf(item: PathItemObject): [method: string, operation: OperationObject][] {
  return Object.entries(item).filter(([field]) => METHODS.has(field));
}

/** The operation of a path item with an HTTP method in lower case. */
export function operationIn(item: PathItemObject | undefined, method: string): OperationObject | undefined {
  return item && operationsOfItem(item).find(([name]) => name === method)?.[1];
}

/** Writes operations as a path item: the inverse of `operationsOfItem()`. */
export function itemOfOperations(operations: readonly (readonly [method: string, operation: OperationObject])[]) {
  const own = operations.filter(([method]) => !METHODS.has(method));
  const fixed = operations.filter(([method]) => METHODS.has(method));
  return { ...Object.fromEntries(fixed), ...(own.length > 0 ? { additionalOperations: Object.fromEntries(own) } : {}) };
}

/** An operation of a document, and how messages name it: `POST /invoices`. */
export interface DocumentOperation {
  readonly operation: OperationObject;
  readonly title: string;
  /** The path item that holds the operation: its parameters are the operation's too. */
  readonly item: PathItemObject;
}

/** The operations of a document's paths and webhooks, in their order. */
export function documentOperations({ paths, webhooks = {} }: OpenAPIObject): DocumentOperation[] {
  return [...operationsOfItems(paths, ''), ...operationsOfItems(webhooks, 'webhook ')];
}

/** A copy of a document with other operations in the places of some of its own. */
export function replaceOperations(
  document: OpenAPIObject,
  replacements: ReadonlyMap<OperationObject, OperationObject>,
): OpenAPIObject {
  const { paths, webhooks } = document;
  return {
    ...document,
    paths: replaceInItems(paths, replacements),
    ...(webhooks ? { webhooks: replaceInItems(webhooks, replacements) } : {}),
  };
}

/** The value of the extension that `@ApiCallback()` put on an operation, if it did. */
export function linkExtensionOf(operation: OperationObject): unknown {
  return Reflect.get(operation, LINK_EXTENSION);
}

/** A copy of an operation without that extension. */
export function withoutLinkExtension(operation: OperationObject): OperationObject {
  const copy = { ...operation };
  Reflect.deleteProperty(copy, LINK_EXTENSION);
  return copy;
}

function operationsOfItems(items: Record<string, PathItemObject>, kind: string): DocumentOperation[] {
  return Object.entries(items).flatMap(([path, item]) =>
    fixedOperationsOf(item).map(([method, operation]) => ({
      operation,
      title: `${method.toUpperCase()} ${kind}${path}`,
      item,
    })),
  );
}

function replaceInItems(
  items: Record<string, PathItemObject>,
  replacements: ReadonlyMap<OperationObject, OperationObject>,
): Record<string, PathItemObject> {
  return Object.fromEntries(
    Object.entries(items).map(([path, item]) => {
      const fields = fixedOperationsOf(item).map(([method, operation]) => [
        method,
        replacements.get(operation) ?? operation,
      ]);
      return [path, { ...item, ...Object.fromEntries(fields) }];
    }),
  );
}

/** Returns a key that identifies a parameter within an operation. */
export function parameterKey(parameter: Referable<ParameterObject>, resolver: Resolver): string {
  const { in: location, name }: Partial<ParameterObject> = resolver.resolve(parameter) ?? {};
  return parameterKeyOf(String(location), String(name));
}
