import { optionIssues, throwOptionIssues } from '../errors/option-issues.js';
import type { OptionChecks } from '../errors/option-issues.js';
import { defineCallbackController } from '../metadata/callback-metadata.js';
import { DELIVERY_CHECKS, idIssue } from '../metadata/delivery-options.js';
import type { DeliveryOptions } from '../metadata/delivery-options.js';
import { excludeFromPaths } from '../metadata/route-metadata.js';

/** The options of `@CallbackController()`. */
export interface CallbackControllerOptions extends DeliveryOptions {
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

const CHECKS: OptionChecks<CallbackControllerOptions> = {
  url: (value) => (typeof value === 'string' ? undefined : 'a string'),
  name: (value) => (typeof value === 'string' ? undefined : 'a string'),
  id: idIssue,
  ...DELIVERY_CHECKS,
};

/**
 * Marks a class whose operations the receiver serves: it documents the requests that your API sends, and no route of
 * it is ever mounted. Write its methods as in any Nest controller and link it to an operation with `@ApiCallback()`.
 *
 * @param urlOrOptions - the URL that prefixes each method's path, or an object with it. The URL may hold OpenAPI runtime
 * expressions in braces; `{$name}` is short for `{$request.query.name}`.
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
