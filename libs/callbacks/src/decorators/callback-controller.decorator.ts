import { defineCallbackController } from '../metadata/callback-metadata.js';
import { excludeFromPaths } from '../metadata/route-metadata.js';

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
  /**
   * Names the class in what is stored: in each delivery, in the id that a `key` makes, in listeners and in the log. Give
   * one before you rename the class, or if your build minifies the names of classes.
   *
   * @default the name of the class
   */
  id?: string;
}

/** What a log can hold in one line, and what no dot divides. */
const ID = /^[^\s.\p{Cc}]+$/u;

/**
 * Marks a class whose operations the receiver serves: it documents the requests that your API sends, and no route of
 * it is ever mounted. Write its methods as in any Nest controller and link it to an operation with `@ApiCallback()`.
 *
 * @param urlOrOptions - the URL that prefixes each method's path, or `{ url, name, id }`. The URL may hold OpenAPI runtime
 * expressions in braces; `{$name}` is short for `{$request.query.name}`.
 * @throws TypeError if the `id` is empty, or has a dot or white space in it.
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
  const { url = '', name, id } = typeof urlOrOptions === 'string' ? { url: urlOrOptions } : urlOrOptions;
  if (id !== undefined && (typeof id !== 'string' || !ID.test(id))) {
    throw new TypeError(
      "The `id` of @CallbackController() must be a string without dots and white space. Fix: { id: 'InvoiceCallbacks' }",
    );
  }
  return (target) => {
    defineCallbackController(target, {
      url,
      ...(name === undefined ? {} : { name }),
      ...(id === undefined ? {} : { id }),
    });
    excludeFromPaths(target);
  };
}
