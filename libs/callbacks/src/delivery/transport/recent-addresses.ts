/** How many hosts are known. */
const MAX_HOSTS = 10_000;

/** The address that each host was connected at last. */
export class RecentAddresses {
  readonly #addresses = new Map<string, string>();

  note(host: string, address: string): void {
    // What was connected last stands last, and is forgotten last.
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
