import { optionIssues, throwOptionIssues } from '../errors/option-issues.js';
import type { OptionChecks } from '../errors/option-issues.js';
import { defineWebhookController } from '../metadata/callback-metadata.js';
import { DELIVERY_CHECKS, idIssue } from '../metadata/delivery-options.js';
import type { DeliveryOptions } from '../metadata/delivery-options.js';
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

const CHECKS: OptionChecks<WebhookControllerOptions> = { id: idIssue, ...DELIVERY_CHECKS };

/**
 * Marks a class whose operations are webhooks: requests that your API sends to a URL that was agreed on elsewhere. The
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
  throwOptionIssues('@WebhookController()', optionIssues('@WebhookController()', options, CHECKS));
  return (target) => {
    defineWebhookController(target, options);
    excludeFromPaths(target);
  };
}
