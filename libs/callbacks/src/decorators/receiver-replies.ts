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
