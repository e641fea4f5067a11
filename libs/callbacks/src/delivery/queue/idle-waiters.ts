import { withinLimit } from '../deadline.js';

/** Callers that wait until a queue is idle. */
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

  /** Must be called whenever the queue is idle. */
  tell(): void {
    for (const tell of this.#waiting) tell();
  }
}
