import type { OpenAPIObject } from '@nestjs/swagger';
import { receiverDocument } from 'nestjs-callbacks';
import type { ReceiverDocumentOptions } from 'nestjs-callbacks';
import { frozen } from './frozen.js';

export const documents: OpenAPIObject[] = [];

/** Returns the document of the receiver. The input must not change, and all results are validated at the end. */
export function receive(document: OpenAPIObject, options?: ReceiverDocumentOptions): OpenAPIObject {
  const received = receiverDocument(frozen(document), options);
  documents.push(received);
  return received;
}

export const OK = { 200: { description: 'ok' } };

/** A document as another tool writes it. */
export function written(fields: object, openapi = '3.1.0'): OpenAPIObject {
  return { openapi, info: { title: 'Other', version: '2' }, paths: {}, ...fields };
}

/** A document whose `POST /orders` has these callbacks. */
export function withOrders(callbacks: object, fields: object = {}): OpenAPIObject {
  return written({ paths: { '/orders': { post: { callbacks, responses: OK } } }, ...fields });
}

/** A body with one property of this name. */
export const bodyOf = (name: string) => ({
  content: { 'application/json': { schema: { type: 'object', properties: { [name]: { type: 'string' } } } } },
});

export const operationsOf = ({ paths }: OpenAPIObject) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((field) => field !== 'servers')
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
