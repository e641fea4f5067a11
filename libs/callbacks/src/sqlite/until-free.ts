import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait for a database that is locked by others, in ms. */
export const PATIENCE_MS = 5_000;

/** Whether another connection holds a lock that this one needs. The statement had no effect. */
export function isBusy(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_BUSY');
}

/** How long to wait before the next try, in ms. It is random, so that two processes do not collide again and again. */
export function pauseOfBusy(): number {
  return 15 + Math.random() * 20;
}

/** Retries until the database is free, without blocking the event loop. */
export async function untilFree<Result>(run: () => Result | Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= giveUpAt) throw error;
    }
    await sleep(pauseOfBusy());
  }
}
