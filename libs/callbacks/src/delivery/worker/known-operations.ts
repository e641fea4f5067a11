import { placeOf } from '../../contract/callback-contract.js';
import type { CallbackOperation } from '../../contract/callback-contract.js';
import { AppLogger } from '../app-logger.js';

/**
 * The operations that this process knows, by their place: all that a delivery says of its class. A queue holds
 * deliveries of other processes too.
 */
export class KnownOperations {
  readonly #logger = new AppLogger('Callbacks');
  readonly #known = new WeakSet<readonly CallbackOperation[]>();
  /** `undefined` at a place that is that of several classes. */
  readonly #byPlace = new Map<string, CallbackOperation | undefined>();

  /** @param operations - of one class, always the same array. */
  add(operations: readonly CallbackOperation[]): void {
    if (this.#known.has(operations)) return;
    this.#known.add(operations);
    for (const operation of operations) {
      const place = placeOf(operation);
      if (this.find(place)) {
        this.#logger.warn(
          `${place} is a callback of two classes: the replies to what is enqueued of it are not validated. Fix: give the classes different names.`,
        );
      }
      this.#byPlace.set(place, this.#byPlace.has(place) ? undefined : operation);
    }
  }

  /** `undefined` where the class is not known, or where the place is that of several classes. */
  find(place: string): CallbackOperation | undefined {
    return this.#byPlace.get(place);
  }
}
