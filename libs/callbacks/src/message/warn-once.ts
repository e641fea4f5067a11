/** So many warnings, each about something else: names can come from data, and memory must not grow with them. */
const MAX_WARNINGS = 1_000;

/** Warns of each thing once, in the lifetime of an app. */
export class WarnOnce {
  readonly #warned = new Set<string>();

  constructor(
    private readonly warn: (message: string) => void,
    /** What is warned of, as `undeclared properties`. */
    private readonly things: string,
  ) {}

  /** @param key - names the thing. */
  about(key: string, describe: () => string): void {
    if (this.#warned.has(key) || this.#warned.size > MAX_WARNINGS) return;
    this.#warned.add(key);
    const isLast = this.#warned.size > MAX_WARNINGS;
    this.warn(isLast ? `More than ${MAX_WARNINGS} ${this.things} were given: no more of them are named.` : describe());
  }
}
