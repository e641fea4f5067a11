/** The most hosts that are remembered. */
const MAX_HOSTS = 10_000;

/** The last connected address of each host. */
export class RecentAddresses {
  readonly #addresses = new Map<string, string>();

  note(host: string, address: string): void {
    // The most recent host is last, and is forgotten last.
    this.#addresses.delete(host);
    this.#addresses.set(host, address);
    if (this.#addresses.size <= MAX_HOSTS) return;
    const [oldest] = this.#addresses.keys();
    this.#addresses.delete(oldest!);
  }

  of(host: string): string | undefined {
    return this.#addresses.get(host);
  }
}
