import { defineWebhookController } from '../metadata/callback-metadata.js';
import { excludeFromPaths } from '../metadata/route-metadata.js';

/**
 * Marks a class whose operations are webhooks: requests that your API sends to a URL that was agreed on outside of it.
 * The path of a method is the name of the webhook. List the class in `CallbacksModule.forRoot({ webhooks: [...] })`;
 * no route of it is ever mounted.
 *
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
export function WebhookController(): ClassDecorator {
  return (target) => {
    defineWebhookController(target);
    excludeFromPaths(target);
  };
}
