import { withinLimit } from '../worker/within-limit.js';

/** Those who wait until a queue has nothing more to do. */
export class IdleWaiters {
  readonly #waiting = new Set<() => void>();

  /** Resolves once the queue is idle, or after `grace` ms. */
  async wait(grace: number): Promise<void> {
    let tell: () => void = () => undefined;
    const idle = new Promise<void>((resolve) => (tell = resolve));
    this.#waiting.add(tell);
    await withinLimit(idle, grace, () => undefined);
    this.#waiting.delete(tell);
  }

  /** To be called whenever it is idle. */
  tell(): void {
    for (const tell of this.#waiting) tell();
  }
}
