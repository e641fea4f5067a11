import type { Type } from '@nestjs/common';
import type { OperationName } from '../metadata/callback-metadata.js';
import { linkController, linkMethod } from '../metadata/operation-links.js';
import type { Method } from '../metadata/route-metadata.js';

/** The options of `@ApiCallback()`. */
export interface ApiCallbackOptions<T extends object = object> {
  /**
   * The handlers of the callback class that belong to the operation.
   *
   * @default all of them
   */
  only?: readonly OperationName<T>[];
  /**
   * One name in the document for all linked callbacks.
   *
   * @default the `name` of the callback class, or else the name of each handler
   */
  name?: string;
}

/**
 * Links callbacks to an operation, or to every operation of a controller class. They appear under the operation's
 * `callbacks` in the document that `withCallbacks()` returns. The decorator can be repeated.
 *
 * @param callbacks - a class with `@CallbackController()`.
 * @see https://spec.openapis.org/oas/v3.1.1.html#operation-object
 * @example
 * \@Controller('invoices')
 * class InvoicesController {
 *   \@Post()
 *   \@ApiCallback(InvoiceCallbacks, { only: ['invoiceNotification'] })
 *   create(@Body() invoice: Invoice) {
 *     return invoice;
 *   }
 * }
 */
export function ApiCallback<T extends object>(
  callbacks: Type<T>,
  options: ApiCallbackOptions<T> = {},
): MethodDecorator & ClassDecorator {
  const link = { callbacks, ...options };
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (!descriptor) linkController(target as Type, link);
    else {
      const controller = target.constructor as Type;
      linkMethod({ controller, methodName: String(key) }, descriptor.value as Method, link);
    }
  };
}
