/**
 * Stands as the body of a method of a callback class whose reply is typed. The method documents what the receiver
 * replies and is never called.
 *
 * @throws Error if it is called all the same.
 * @example
 * \@CallbackController('{$request.query.callback_url}')
 * class InvoiceCallbacks {
 *   \@Post('invoices')
 *   invoiceNotification(@Body() event: InvoiceEvent): InvoiceEventReceived {
 *     return receiverReplies();
 *   }
 * }
 */
export function receiverReplies(): never {
  throw new Error(
    'A method of a callback class was called. The receiver of the callback serves it; your API never does. ' +
      'Fix: call no method of a class marked by @CallbackController() yourself.',
  );
}
