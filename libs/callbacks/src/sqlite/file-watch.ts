import { statSync } from 'node:fs';
import { CallbackQueueError } from '../errors/callback-queue.error.js';

/**
 * Notices that a file was deleted, replaced or moved. Its connections would continue without an error, and everything
 * they write would be lost when they are closed.
 */
export class FileWatch {
  readonly #identity: string | undefined;

  /** @param path - the path of an open file. */
  constructor(private readonly path: string) {
    this.#identity = identityOf(path);
  }

  /** @throws CallbackQueueError if the path has another file now, or none. */
  check(): void {
    const now = identityOf(this.path);
    if (now === this.#identity) return;
    throw new CallbackQueueError(
      `The queue's database ${this.path} was ${now === undefined ? 'deleted or moved' : 'replaced'} while it was open, so further deliveries would be lost. Fix: stop every process that uses it, put the file back, and start them again.`,
    );
  }
}

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}
