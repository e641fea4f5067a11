import { optionIssues, throwOptionIssues } from '../errors/option-issues.js';
import type { OptionChecks } from '../errors/option-issues.js';
import { defineCallbackController } from '../metadata/callback-metadata.js';
import { DELIVERY_CHECKS, idIssue } from '../metadata/delivery-options.js';
import type { DeliveryOptions } from '../metadata/delivery-options.js';
import { excludeFromPaths } from '../metadata/route-metadata.js';

/** The options of `@CallbackController()`. */
export interface CallbackControllerOptions extends DeliveryOptions {
  /**
   * The URL that the path of each handler is appended to, with exactly one `/` between them, before the query of the
   * URL. It consists of literal text and OpenAPI runtime expressions.
   *
   * @default '' (the path of each handler is a whole URL)
   */
  url?: string;
  /**
   * One name for all operations of the class in the document.
   *
   * @default each operation is a separate callback, named after its handler
   */
  name?: string;
  /**
   * Names the class in stored deliveries, in the ids made from a `key`, in events and in the log. Set it before you
   * rename the class, or if your build minifies class names.
   *
   * @default the name of the class
   */
  id?: string;
}

const CHECKS: OptionChecks<CallbackControllerOptions> = {
  url: (value) => (typeof value === 'string' ? undefined : 'a string'),
  name: (value) => (typeof value === 'string' ? undefined : 'a string'),
  id: idIssue,
  ...DELIVERY_CHECKS,
};

/**
 * Marks a class whose operations the receiver serves. It documents the requests that your API sends, and its routes are
 * never mounted. Write its handlers as in any Nest controller, and link the class to an operation with
 * `@ApiCallback()`.
 *
 * @param urlOrOptions - the URL before the path of each handler, or an object of options. The URL may contain OpenAPI
 *   runtime expressions in braces; `{$name}` is short for `{$request.query.name}`.
 * @throws TypeError that names every option that is wrong.
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
  const { url = '', ...options } = typeof urlOrOptions === 'string' ? { url: urlOrOptions } : urlOrOptions;
  throwOptionIssues('@CallbackController()', optionIssues('@CallbackController()', { url, ...options }, CHECKS));
  return (target) => {
    defineCallbackController(target, { url, ...options });
    excludeFromPaths(target);
  };
}
