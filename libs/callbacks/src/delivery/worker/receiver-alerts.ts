import { AppLogger, LogLine, messageOf } from '../app-logger.js';
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
  #waiting = 0;
  #hasStopped = false;

  constructor(private readonly options: ReceiverAlertsOptions) {}

  /** Resolves once all events have been sent, or after `limit` ms. No event is sent after that. */
  async stop(limit: number): Promise<void> {
    await withinLimit(this.#told, limit, () => {
      const message = 'Stopped waiting for the listeners of receiverDown and receiverUp';
      this.#logger.warn(new LogLine(message, { waiting: this.#waiting }));
    });
    this.#hasStopped = true;
  }

  /** @param error - why the attempt failed that shows the change. */
  tell(change: ReceiverChange, error: Error | undefined): void {
    const name = change.isDown ? 'receiverDown' : 'receiverUp';
    // Without listeners, the queue need not be asked.
    if (!this.options.listeners.has(name) && !isObserved(name)) return;
    this.#waiting++;
    this.#told = this.#told.then(() => this.#tell(change, error));
  }

  async #tell({ isDown, ...receiver }: ReceiverChange, error: Error | undefined): Promise<void> {
    this.#waiting--;
    if (this.#hasStopped) return;
    const waiting = await this.#countWaiting(receiver.host);
    const event = { ...receiver, ...(waiting !== undefined && { waiting }) };
    // A receiver that is up can have replied with an error.
    if (isDown && error) await this.#tellAll('receiverDown', { ...event, error });
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
