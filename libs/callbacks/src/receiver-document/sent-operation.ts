import type { UrlTemplate } from '../expression/url-template.js';
import type { DocumentOperation } from '../openapi/document-operations.js';
import type { OperationObject } from '../openapi/openapi-types.js';

export type Servers = NonNullable<OperationObject['servers']>;

/** One operation that the API sends, which its receiver has to serve, as one link to it was found. */
export interface SentOperation {
  /** The key under `callbacks` or `webhooks`. */
  readonly name: string;
  /** The field of the path item that holds it: `post`. */
  readonly method: string;
  /** Complete in itself; the same object however many operations lead to it. */
  readonly operation: OperationObject;
  /** Where it says itself what a relative URL is relative to. */
  readonly servers: Servers | undefined;
  /** The operation that leads to the callback, and its URL; a webhook has none. */
  readonly callback?: { readonly trigger: DocumentOperation; readonly url: UrlTemplate };
}
