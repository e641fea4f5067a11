import { optionIssues, throwOptionIssues } from '../errors/option-issues.js';
import type { OptionChecks } from '../errors/option-issues.js';
import { defineCallbackController, defineWebhookController } from '../metadata/callback-metadata.js';
import { DELIVERY_CHECKS, idIssue } from '../metadata/delivery.options.js';
import type { DeliveryOptions } from '../metadata/delivery.options.js';
import { excludeFromPaths } from '../metadata/route-metadata.js';

/** The options of `@WebhookController()`. */
export interface WebhookControllerOptions extends DeliveryOptions {
  /**
   * Names the class in stored deliveries, in the ids made from a `key`, in events and in the log. Set it before you
   * rename the class, or if your build minifies class names.
   *
   * @default the name of the class
   */
  id?: string;
}

/** The options of `@CallbackController()`. */
export interface CallbackControllerOptions extends WebhookControllerOptions {
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
}

const WEBHOOK_CHECKS: OptionChecks<WebhookControllerOptions> = { id: idIssue, ...DELIVERY_CHECKS };

const CALLBACK_CHECKS: OptionChecks<CallbackControllerOptions> = {
  url: (value) => (typeof value === 'string' ? undefined : 'a string'),
  name: (value) => (typeof value === 'string' ? undefined : 'a string'),
  ...WEBHOOK_CHECKS,
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
  throwOptionIssues(
    '@CallbackController()',
    optionIssues('@CallbackController()', { url, ...options }, CALLBACK_CHECKS),
  );
  return (target) => {
    defineCallbackController(target, { url, ...options });
    excludeFromPaths(target);
  };
}

/**
 * Marks a class whose operations are webhooks: requests that your API sends to a URL that was registered in advance. The
 * path of a handler is the name of the webhook in the document, not a part of the URL. List the class in
 * `CallbacksModule.forRoot({ webhooks: [...] })` or in `forFeature({ webhooks: [...] })`. Its routes are never mounted.
 *
 * @throws TypeError that names every option that is wrong.
 * @see https://spec.openapis.org/oas/v3.1.1.html#openapi-object
 * @example
 * \@WebhookController()
 * class InvoiceWebhooks {
 *   \@Post('invoicePaid')
 *   invoicePaid(@Body() event: InvoiceEvent): InvoiceEventReceived {
 *     return receiverReplies(event);
 *   }
 * }
 */
export function WebhookController(options: WebhookControllerOptions = {}): ClassDecorator {
  throwOptionIssues('@WebhookController()', optionIssues('@WebhookController()', options, WEBHOOK_CHECKS));
  return (target) => {
    defineWebhookController(target, options);
    excludeFromPaths(target);
  };
}

/**
 * The body of every handler of a callback class. A handler documents what your API sends and what the receiver replies;
 * it is never called.
 *
 * @param received - the parameters of the handler. Pass them so that compilers and linters do not report them as
 *   unused.
 * @throws Error if it is called.
 * @example
 * \@CallbackController('{$request.query.callback_url}')
 * class InvoiceCallbacks {
 *   \@Post('invoices')
 *   invoiceNotification(@Body() event: InvoiceEvent): InvoiceEventReceived {
 *     return receiverReplies(event);
 *   }
 * }
 */
export function receiverReplies(...received: unknown[]): never {
  throw new Error(
    'A handler of a callback class was called. It has no code of its own, since the receiver serves it. ' +
      'Fix: inject Callbacks instead of the class, and call callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event), ' +
      'or callbacks.enqueue() in its place, with your class and handler.',
  );
}
