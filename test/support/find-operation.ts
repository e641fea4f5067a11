import type { OpenAPIObject } from '@nestjs/swagger';

type Json = Record<string, unknown>;

/** The operation of a document that a title such as `POST /invoices` names. */
export function findOperation(document: OpenAPIObject, title: string): Json {
  const [method = '', path = ''] = title.split(' ');
  const operation = (document.paths[path] as Json | undefined)?.[method.toLowerCase()];
  if (!operation) throw new Error(`There is no ${title}. There are: ${Object.keys(document.paths).join(', ')}`);
  return operation as Json;
}

/** The `callbacks` of an operation. */
export function callbacksOf(
  document: OpenAPIObject,
  title: string,
): Record<string, Record<string, Record<string, Json>>> {
  return (findOperation(document, title)['callbacks'] ?? {}) as Record<string, Record<string, Record<string, Json>>>;
}
