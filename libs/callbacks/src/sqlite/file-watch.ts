import { statSync } from 'node:fs';
import { CallbackQueueError } from '../errors/callback-queue.error.js';

/**
 * Notices that a file is not where it was: deleted, replaced, or moved away. Its connections would go on without a sign,
 * and what they write would be gone once they are closed.
 */
export class FileWatch {
  readonly #identity: string | undefined;

  /** @param path - of a file that is open. */
  constructor(private readonly path: string) {
    this.#identity = identityOf(path);
  }

  /** @throws CallbackQueueError if another file is there now, or none. */
  check(): void {
    const now = identityOf(this.path);
    if (now === this.#identity) return;
    throw new CallbackQueueError(
      `The queue's database ${this.path} was ${now === undefined ? 'deleted or moved' : 'replaced'} while it was open: what would be added is lost. Fix: stop every process that uses it, put the file back, and start them again.`,
    );
  }
}

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}
