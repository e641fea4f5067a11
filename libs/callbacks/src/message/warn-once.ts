/** The most different warnings: names can come from data, and must not fill the memory. */
const MAX_WARNINGS = 1_000;

/** Warns about each thing once in the lifetime of an app. */
export class WarnOnce {
  readonly #warned = new Set<string>();

  constructor(
    private readonly warn: (message: string) => void,
    /** What the warnings are about, such as `undeclared properties`. */
    private readonly things: string,
  ) {}

  /** @param key - the name of the thing. */
  about(key: string, describe: () => string): void {
    if (this.#warned.has(key) || this.#warned.size > MAX_WARNINGS) return;
    this.#warned.add(key);
    const isLast = this.#warned.size > MAX_WARNINGS;
    this.warn(
      isLast ? `More than ${MAX_WARNINGS} ${this.things} were found: further ones are not logged.` : describe(),
    );
  }
}
