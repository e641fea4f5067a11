import { storedIdOf, storedNameOf } from '../../contract/callback-contract.js';
import type { CallbackClass } from '../../metadata/callback-class.js';
import { isWebhookController } from '../../metadata/callback-metadata.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { AppLogger } from '../app-logger.js';

/**
 * The operations that this process knows, by the names that are stored: all that a delivery says of its class. A queue
 * holds deliveries of other processes too.
 */
export class KnownOperations {
  readonly #logger = new AppLogger('Callbacks');
  readonly #known = new WeakSet<readonly ReceiverOperation[]>();
  readonly #ids = new Set<string>();
  /** `undefined` at a name that is that of several operations. */
  readonly #byName = new Map<string, ReceiverOperation | undefined>();

  /** @param operations - of one class, always the same array. */
  add(operations: readonly ReceiverOperation[]): void {
    const [first] = operations;
    if (!first || this.#known.has(operations)) return;
    this.#known.add(operations);
    this.#addId(first.callbacks);
    for (const operation of operations) {
      const name = storedNameOf(operation);
      this.#byName.set(name, this.#byName.has(name) ? undefined : operation);
    }
  }

  /** `undefined` if the class is not known, or if the name is that of several operations. */
  find(name: string): ReceiverOperation | undefined {
    return this.#byName.get(name);
  }

  #addId(callbacks: CallbackClass): void {
    const id = storedIdOf(callbacks);
    const decorator = isWebhookController(callbacks) ? '@WebhookController' : '@CallbackController';
    if (this.#ids.has(id)) {
      this.#logger.warn(
        `Two classes are stored under the name ${id}: of the callbacks that both have, replies are not validated, and one key is one delivery. Fix: give one of them a name of its own, ${decorator}({ id: '...' }).`,
      );
    } else if (id.length === 1) {
      this.#logger.warn(
        `A class is stored under the name ${id}, which looks minified and may be that of another class after the next build. Fix: give it a name that stays, ${decorator}({ id: '...' }).`,
      );
    }
    this.#ids.add(id);
  }
}
