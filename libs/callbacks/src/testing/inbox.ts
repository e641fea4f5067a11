import type { ContractIssue } from '../errors/contract.errors.js';
import type { OperationName } from '../metadata/callback-metadata.js';

/** A valid callback that a `CallbackReceiver` received. */
export interface ReceivedCallback<Arguments extends readonly unknown[] = readonly unknown[]> {
  /** The arguments of the sender, as the receiver reads them: instances of the declared classes. */
  readonly args: Arguments;
  /** The header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The whole called URL, with path and query. */
  readonly url: string;
  /** The `webhook-id`, if there is one. It is the same for every attempt of a delivery. */
  readonly id: string | undefined;
  /** The bytes of the body. */
  readonly rawBody: Buffer;
  /** The status of the answer; `undefined` after `hang()` or `reset()`. */
  readonly statusCode: number | undefined;
}

/** A rejected request, and how it was answered. */
export interface RefusedRequest {
  /** The HTTP method. */
  readonly method: string;
  /** The whole URL. */
  readonly url: string;
  /** The status of the answer: 404, 401, 400, or 413 for more than a megabyte. */
  readonly statusCode: number;
  /** Why, in complete sentences. */
  readonly message: string;
  /** Every part that does not match. */
  readonly issues: readonly ContractIssue[];
}

/** The arguments of a handler. */
export type ArgumentsOf<T extends object, Name extends OperationName<T>> = T[Name] extends (
  ...args: infer Arguments
) => unknown
  ? Arguments
  : never;

/** The declared return type of a handler; anything if it has none. */
export type ReplyOf<T extends object, Name extends OperationName<T>> = T[Name] extends (...args: never[]) => infer Reply
  ? [Awaited<Reply>] extends [void]
    ? unknown
    : Awaited<Reply>
  : never;

/** The most lines of the history that an error shows. */
const MAX_HISTORY_LINES = 20;

/** The received callbacks, and the pending calls of `next()`. */
export class Inbox<Item> {
  readonly #items: { readonly name: string; readonly item: Item; isTaken: boolean }[] = [];
  readonly #waiters = new Set<{ readonly name: string; wake(): void }>();
  /** The latest requests, as lines of text. */
  readonly #history: string[] = [];
  #isClosed = false;

  put(name: string, item: Item): void {
    this.#items.push({ name, item, isTaken: false });
    [...this.#waiters].find((waiter) => waiter.name === name)?.wake();
  }

  /** Adds a line to the history, which is shown if a callback does not arrive. */
  note(line: string): void {
    if (this.#history.push(line) > MAX_HISTORY_LINES) this.#history.shift();
  }

  all(name: string): Item[] {
    return this.#items.flatMap((entry) => (entry.name === name ? entry.item : []));
  }

  /**
   * Takes the oldest item of a name, or waits for one.
   *
   * @param timeout - how long to wait, in ms.
   * @throws Error that lists what was received instead, after that time or when the inbox is closed.
   */
  async take(name: string, timeout: number): Promise<Item> {
    const found = this.#takeNow(name) ?? (this.#isClosed ? undefined : await this.#wait(name, timeout));
    if (found) return found.item;
    const when = this.#isClosed ? 'before the receiver was closed' : `within ${timeout} ms`;
    const history = this.#history.map((line) => `\n  ${line}`).join('');
    throw new Error(
      `No ${name} arrived ${when}. ${history === '' ? 'Nothing was received at all.' : `Received:${history}`}`,
    );
  }

  close(): void {
    this.#isClosed = true;
    for (const waiter of this.#waiters) waiter.wake();
  }

  #takeNow(name: string): { item: Item } | undefined {
    const entry = this.#items.find((candidate) => candidate.name === name && !candidate.isTaken);
    if (entry) entry.isTaken = true;
    return entry;
  }

  #wait(name: string, timeout: number): Promise<{ item: Item } | undefined> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(this.#takeNow(name));
      };
      const waiter = { name, wake };
      const timer = setTimeout(wake, timeout);
      this.#waiters.add(waiter);
    });
  }
}
