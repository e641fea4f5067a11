/**
 * The body of every method of a callback class. The method documents what the receiver gets and replies, and is never
 * called.
 *
 * @param received The arguments of the method, so that no compiler and no linter calls them unused.
 * @throws Error if it is called all the same.
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
      'Fix: call no method of a class marked by @CallbackController() yourself.',
  );
}
