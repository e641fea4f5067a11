import { setTimeout as sleep } from 'node:timers/promises';

/** How long a database that others write to is waited for, in ms. */
export const PATIENCE_MS = 5_000;

/** Whether another connection holds what this one needs. Nothing was done then. */
export function isBusy(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_BUSY');
}

/** How long to leave the database alone, in ms: never the same, so that two processes do not meet again and again. */
export function pauseOfBusy(): number {
  return 15 + Math.random() * 20;
}

/** Runs it until the database is free for it. The event loop goes on meanwhile. */
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
