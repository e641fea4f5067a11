/** How many lines of what came are told. */
const STORY_LENGTH = 20;

/** What a receiver got, and who waits for more. */
export class Inbox<Item> {
  readonly #items: { readonly name: string; readonly item: Item; isTaken: boolean }[] = [];
  readonly #waiters = new Set<{ readonly name: string; wake(): void }>();
  /** What came, in words, the last of it. */
  readonly #story: string[] = [];
  #isClosed = false;

  put(name: string, item: Item): void {
    this.#items.push({ name, item, isTaken: false });
    [...this.#waiters].find((waiter) => waiter.name === name)?.wake();
  }

  /** Adds a line to what is told where something does not come. */
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
   * @throws Error that says what came instead, after that time or when the inbox is closed.
   */
  async take(name: string, timeout: number): Promise<Item> {
    const found = this.#takeNow(name) ?? (this.#isClosed ? undefined : await this.#wait(name, timeout));
    if (found) return found.item;
    const when = this.#isClosed ? 'before the receiver was closed' : `within ${timeout} ms`;
    const story = this.#story.map((line) => `\n  ${line}`).join('');
    throw new Error(`No ${name} came ${when}. ${story === '' ? 'Nothing came at all.' : `What came:${story}`}`);
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
