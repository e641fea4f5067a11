import type * as common from '@nestjs/common';
import type * as swagger from '@nestjs/swagger';
import type * as callbacks from 'nestjs-callbacks';

/**
 * What the examples of the documentation take for granted: the imports that they leave out, and the invoices that
 * they are about. An example's own declarations come before these.
 */
declare global {
  const Body: typeof common.Body;
  const Controller: typeof common.Controller;
  const Delete: typeof common.Delete;
  const Get: typeof common.Get;
  const Module: typeof common.Module;
  const Post: typeof common.Post;
  const Put: typeof common.Put;
  const Query: typeof common.Query;

  const ApiHeader: typeof swagger.ApiHeader;
  const ApiOkResponse: typeof swagger.ApiOkResponse;
  const DocumentBuilder: typeof swagger.DocumentBuilder;
  const SwaggerModule: typeof swagger.SwaggerModule;

  const ApiCallback: typeof callbacks.ApiCallback;
  const CallbackController: typeof callbacks.CallbackController;
  const CallbackDocumentError: typeof callbacks.CallbackDocumentError;
  const CallbackError: typeof callbacks.CallbackError;
  const CallbacksModule: typeof callbacks.CallbacksModule;
  const receiverReplies: typeof callbacks.receiverReplies;
  const WebhookController: typeof callbacks.WebhookController;
  const withCallbacks: typeof callbacks.withCallbacks;

  class Invoice {
    id: string;
    title?: string;
    customer: string;
    total: number;
  }
  class CreateInvoiceQuery {
    callback_url?: string;
  }
  class InvoiceEvent {
    description: string;
    paid: boolean;
  }
  class InvoiceEventReceived {
    ok: boolean;
  }
  class InvoiceCallbacks {
    invoiceNotification(event: InvoiceEvent): InvoiceEventReceived;
  }
  class InvoicesController {}

  const app: common.INestApplication;
  const config: Omit<swagger.OpenAPIObject, 'paths'>;
  const document: swagger.OpenAPIObject;
}
