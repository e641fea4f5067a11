import { storedIdOf, storedNameOf } from '../../contract/callback-contract.js';
import type { CallbackClass } from '../../metadata/callback-metadata.js';
import { isWebhookController } from '../../metadata/callback-metadata.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { AppLogger } from '../app-logger.js';

/**
 * The operations that this process knows, by their names in stored deliveries. A queue also holds deliveries of other
 * processes.
 */
export class KnownOperations {
  readonly #logger = new AppLogger('Callbacks');
  readonly #known = new WeakSet<readonly ReceiverOperation[]>();
  readonly #ids = new Set<string>();
  /** `undefined` for a name that several operations have. */
  readonly #byName = new Map<string, ReceiverOperation | undefined>();

  /** @param operations - the operations of one class, always the same array. */
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

  /** Returns `undefined` if the class is unknown or several operations have the name. */
  find(name: string): ReceiverOperation | undefined {
    return this.#byName.get(name);
  }

  #addId(callbacks: CallbackClass): void {
    const id = storedIdOf(callbacks);
    const decorator = isWebhookController(callbacks) ? '@WebhookController' : '@CallbackController';
    if (this.#ids.has(id)) {
      this.#logger.warn(
        `Two classes are stored under the name ${id}: for handlers that both have, replies are not validated, and a key of both is one delivery. Fix: give one class its own name, ${decorator}({ id: '...' }).`,
      );
    } else if (id.length === 1) {
      this.#logger.warn(
        `A class is stored under the name ${id}, which looks minified and may belong to another class after the next build. Fix: give it a stable name, ${decorator}({ id: '...' }).`,
      );
    }
    this.#ids.add(id);
  }
}
