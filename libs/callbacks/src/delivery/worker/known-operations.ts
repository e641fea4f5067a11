import { Logger } from '@nestjs/common';
import { placeOf } from '../../contract/callback-contract.js';
import type { CallbackOperation } from '../../contract/callback-contract.js';

/**
 * The operations that this process knows, by their place: all that a delivery says of its class. A queue holds
 * deliveries of other processes too.
 */
export class KnownOperations {
  readonly #logger = new Logger('Callbacks');
  readonly #known = new WeakSet<readonly CallbackOperation[]>();
  readonly #byPlace = new Map<string, CallbackOperation>();
  readonly #ambiguous = new Set<string>();

  /** @param operations - of one class. */
  add(operations: readonly CallbackOperation[]): void {
    if (this.#known.has(operations)) return;
    this.#known.add(operations);
    for (const operation of operations) {
      const place = placeOf(operation);
      const namesake = this.#byPlace.get(place);
      if (namesake && namesake.callbacks !== operation.callbacks) this.#tellsNothing(place);
      this.#byPlace.set(place, operation);
    }
  }

  /** `undefined` where the class is not known, or where the place is that of several classes. */
  find(place: string): CallbackOperation | undefined {
    return this.#ambiguous.has(place) ? undefined : this.#byPlace.get(place);
  }

  #tellsNothing(place: string): void {
    if (!this.#ambiguous.has(place)) {
      this.#logger.warn(
        `${place} is a callback of two classes: the replies to what is enqueued of it are not validated. Fix: give the classes different names.`,
      );
    }
    this.#ambiguous.add(place);
  }
}
