/** Counts what is in flight to each host. */
export class HostSlots {
  readonly #taken = new Map<string, number>();

  constructor(private readonly perHost: number) {}

  room(host: string): number {
    return this.perHost - (this.#taken.get(host) ?? 0);
  }

  take(host: string): void {
    this.#taken.set(host, (this.#taken.get(host) ?? 0) + 1);
  }

  giveBack(host: string): void {
    const left = (this.#taken.get(host) ?? 0) - 1;
    if (left > 0) this.#taken.set(host, left);
    else this.#taken.delete(host);
  }
}
