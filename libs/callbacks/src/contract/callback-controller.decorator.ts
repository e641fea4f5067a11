import { defineCallbackController } from './metadata.js';
import { excludeFromPaths } from './route-metadata.js';

/** The options of `@CallbackController()`. */
export interface CallbackControllerOptions {
  /**
   * The URL that each operation's path is appended to, with exactly one `/` between them, before its query: literal
   * text and OpenAPI runtime expressions.
   *
   * @default '' (each method's path is a whole URL)
   */
  url?: string;
  /**
   * One name for all operations of the class in the document.
   *
   * @default each operation is a callback of its own, named after its method
   */
  name?: string;
}

/**
 * Marks a class whose operations the receiver serves: it documents the requests that your API sends, and no route of
 * it is ever mounted. Write its methods as in any Nest controller and link it to an operation with `@ApiCallback()`.
 *
 * @param urlOrOptions - the URL that prefixes each method's path, or `{ url, name }`. The URL may hold OpenAPI runtime
 * expressions in braces; `{$name}` is short for `{$request.query.name}`.
 * @see https://spec.openapis.org/oas/v3.1.1.html#callback-object
 * @example
 * \@CallbackController('{$request.query.callback_url}')
 * class InvoiceCallbacks {
 *   \@Post('invoices/{$request.body#/id}')
 *   invoiceNotification(@Body() event: InvoiceEvent): InvoiceEventReceived {
 *     return receiverReplies(event);
 *   }
 * }
 */
export function CallbackController(urlOrOptions: string | CallbackControllerOptions = {}): ClassDecorator {
  const { url = '', name } = typeof urlOrOptions === 'string' ? { url: urlOrOptions } : urlOrOptions;
  return (target) => {
    defineCallbackController(target, name === undefined ? { url } : { url, name });
    excludeFromPaths(target);
  };
}
