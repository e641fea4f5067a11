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
    'A handler of a callback class was called. None of its code runs: the receiver of the callback serves it. ' +
      'Fix: inject Callbacks instead of the class, and call callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event), ' +
      'or callbacks.enqueue() in its place, with your class and your handler.',
  );
}
