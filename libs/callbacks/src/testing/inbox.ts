/** The most lines of the history that an error shows. */
const STORY_LENGTH = 20;

/** The received callbacks, and the pending calls of `next()`. */
export class Inbox<Item> {
  readonly #items: { readonly name: string; readonly item: Item; isTaken: boolean }[] = [];
  readonly #waiters = new Set<{ readonly name: string; wake(): void }>();
  /** The latest requests, as lines of text. */
  readonly #story: string[] = [];
  #isClosed = false;

  put(name: string, item: Item): void {
    this.#items.push({ name, item, isTaken: false });
    [...this.#waiters].find((waiter) => waiter.name === name)?.wake();
  }

  /** Adds a line to the history, which is shown if a callback does not arrive. */
  note(line: string): void {
    if (this.#story.push(line) > STORY_LENGTH) this.#story.shift();
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
    const story = this.#story.map((line) => `\n  ${line}`).join('');
    throw new Error(
      `No ${name} arrived ${when}. ${story === '' ? 'Nothing was received at all.' : `Received:${story}`}`,
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
