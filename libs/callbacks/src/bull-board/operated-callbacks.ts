import type {
  CallbackStats,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
} from '../delivery/queue/deliveries.js';

/** The used methods of the app's `Callbacks`. */
export interface OperatedCallbacks {
  stats(): Promise<CallbackStats>;
  deliveries(options: DeliveryFilter & Partial<DeliveryPageRequest>): Promise<DeliveryPage>;
  delivery(id: string): Promise<DeliveryDetails | undefined>;
  retry(which: string): Promise<unknown>;
  retry(which: DeliveryFilter): Promise<unknown>;
  cancel(which: string): Promise<unknown>;
  cancel(which: DeliveryFilter): Promise<unknown>;
  forget(which: string | DeliveryFilter): Promise<unknown>;
}
