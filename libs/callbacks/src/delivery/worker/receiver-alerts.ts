import { AppLogger, messageOf } from '../app-logger.js';
import type { CallbackEvents } from '../events/callback-events.js';
import { isObserved, publishEvent } from '../events/diagnostics.js';
import type { CallbackListeners } from '../events/on-callback.js';
import { MAX_PAGE_SIZE } from '../queue/deliveries.js';
import type { ReceiverChange } from './receiver-slots.js';
import { withinLimit } from '../deadline.js';

/** The options of alerts. */
export interface ReceiverAlertsOptions {
  readonly listeners: CallbackListeners;
  /** Counts the deliveries that wait for a host, up to `limit`. */
  readonly countWaiting: (host: string, limit: number) => Promise<number>;
  /** How long to wait for the queue, in ms. */
  readonly timeout: number;
}

/** Sends the events `receiverDown` and `receiverUp`: one after the other, without delaying attempts. */
export class ReceiverAlerts {
  readonly #logger = new AppLogger('Callbacks');
  #told: Promise<void> = Promise.resolve();

  constructor(private readonly options: ReceiverAlertsOptions) {}

  /** Resolves once all events have been sent. */
  get told(): Promise<void> {
    return this.#told;
  }

  tell({ receiver, host, isDown }: ReceiverChange, error: Error | undefined): void {
    const name = isDown ? 'receiverDown' : 'receiverUp';
    // Without listeners, the queue need not be asked.
    if (!this.options.listeners.has(name) && !isObserved(name)) return;
    this.#told = this.#told.then(() => this.#tell({ receiver, host }, error));
  }

  async #tell(receiver: Omit<ReceiverChange, 'isDown'>, error: Error | undefined): Promise<void> {
    const waiting = await this.#countWaiting(receiver.host);
    const event = { ...receiver, ...(waiting !== undefined && { waiting }) };
    if (error) await this.#tellAll('receiverDown', { ...event, error });
    else await this.#tellAll('receiverUp', event);
  }

  async #tellAll<Name extends 'receiverDown' | 'receiverUp'>(name: Name, event: CallbackEvents[Name]): Promise<void> {
    publishEvent(name, event);
    await this.options.listeners.tell(name, event);
  }

  /** An event without the count is better than no event. */
  async #countWaiting(host: string): Promise<number | undefined> {
    const { countWaiting, timeout } = this.options;
    try {
      return await withinLimit<number | undefined>(countWaiting(host, MAX_PAGE_SIZE), timeout, () => undefined);
    } catch (error) {
      this.#logger.warn(`The deliveries that wait for a receiver could not be counted: ${messageOf(error)}`);
      return undefined;
    }
  }
}
