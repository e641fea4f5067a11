/**
 * Document, send and deliver the requests that your API makes to its clients: decorators, the {@link Callbacks} client,
 * the in-memory queue and the options of the module.
 *
 * @packageDocumentation
 */

export { CallbackOutbox } from './callback-outbox.js';
export { CallbacksModule } from './callbacks.module.js';
export type { CallbacksModuleAsyncOptions } from './callbacks.module.js';
export { CALLBACKS_OPTIONS } from './callbacks.options.js';
export type { CallbacksFeatureOptions, CallbacksModuleOptions } from './callbacks.options.js';
export { Callbacks } from './callbacks.service.js';
export type { CallbackClient, CallbackMethods, CallbackResult } from './message/callback-client.js';
export type { GivenExchange } from './message/callback-urls-of.js';
export type { CallbackRequest } from './message/render-request.js';
export { ApiCallback } from './decorators/api-callback.decorator.js';
export type { ApiCallbackOptions } from './decorators/api-callback.decorator.js';
export { CallbackController, receiverReplies, WebhookController } from './decorators/callback-class.decorators.js';
export type { CallbackControllerOptions, WebhookControllerOptions } from './decorators/callback-class.decorators.js';
export { CallbackContractError, CallbackReplyError } from './errors/contract.errors.js';
export type { ContractIssue } from './errors/contract.errors.js';
export {
  CallbackDeliveryError,
  CallbackError,
  CallbackQueueError,
  CallbackUrlError,
  isCallbackError,
} from './errors/callback.errors.js';
export type { CallbackDeliveryReason } from './errors/callback.errors.js';
export { CallbackDocumentError } from './errors/callback-problem.js';
export type { CallbackProblem } from './errors/callback-problem.js';
export { CallbackUrls } from './decorators/callback-urls.decorator.js';
export type {
  CallbackDelivery,
  JsonValue,
  EnqueuedCallback,
  PreparedCallback,
  SkippedCallback,
} from './delivery/callback-delivery.js';
export type { EgressOptions } from './delivery/egress/egress.options.js';
export type { ClientCertificate, EgressTlsOptions } from './delivery/egress/tls.options.js';
export type {
  CallbackAttemptFailed,
  CallbackAttempted,
  CallbackCancelled,
  CallbackDelivered,
  CallbackEvent,
  CallbackEvents,
  CallbackFailed,
  CallbackReceiverDown,
  CallbackReceiverEvent,
  CallbackReceiverUp,
} from './delivery/events/callback-events.js';
export type { CallbackDiagnostic } from './delivery/events/diagnostics.js';
export type { PendingDelivery } from './delivery/outbox/outbox-row.js';
export { OnCallback } from './delivery/events/on-callback.js';
export type { EnqueueOptions, PrepareOptions } from './delivery/prepare-delivery.js';
export type { CancelledDelivery } from './delivery/delivery-operator.js';
export type {
  AddedDelivery,
  AttemptOutcome,
  CallbackQueue,
  CancelledDeliveries,
  QueueTransaction,
  QueueWorker,
  UntoldEvent,
} from './delivery/queue/callback-queue.js';
export type {
  CallbackStats,
  DeliveryAttempt,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
  DeliveryState,
  DeliverySummary,
} from './delivery/queue/deliveries.js';
export type { ConcurrencyOptions } from './delivery/queue/concurrency.options.js';
export { memoryQueue } from './delivery/queue/memory-queue.js';
export type { MemoryQueueOptions } from './delivery/queue/memory-queue.js';
export type { RetryOptions } from './metadata/delivery.options.js';
export type { SignedDelivery, SigningOptions, SigningSecret } from './delivery/signing.js';
export type { TelemetryOptions } from './delivery/telemetry/telemetry.js';
export { deliveryOf } from './delivery/transport/axios-instance.js';
export { receiverDocument } from './receiver-document/receiver-document.js';
export type { ReceiverDocumentOptions } from './receiver-document/receiver-document.js';
export { withCallbacks } from './document/with-callbacks.js';
export type { WithCallbacksOptions } from './document/with-callbacks.js';
export type { Exchange, ExchangeRequest, ExchangeResponse } from './expression/exchange.js';
