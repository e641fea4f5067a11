/**
 * The body of a method of a callback class, with or without a reply: the method documents what your API sends and what
 * the receiver replies, and is never called.
 *
 * @param received - the parameters of the method. They are only there so that no compiler and no linter reports them
 * as unused.
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
    'A method of a callback class was called. The receiver of the callback serves it; your API never does. ' +
      'Fix: call no method of a class marked by @CallbackController() or @WebhookController() yourself.',
  );
}
