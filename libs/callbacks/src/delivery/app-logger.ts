import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';
import { Logger } from '@nestjs/common';

/**
 * Nest's logger, behind which the app's own may stand. Where that one throws, a line of the log is lost, and nothing
 * else: the process warns of it.
 */
export class AppLogger {
  readonly #logger: Logger;
  /** What is logged belongs to no request: a queue works on the deliveries of one in the turn of another. */
  readonly #inOwnContext = AsyncLocalStorage.snapshot();

  constructor(context: string) {
    this.#logger = new Logger(context);
  }

  log(message: unknown): void {
    this.#attempt(() => this.#logger.log(message));
  }

  warn(message: unknown): void {
    this.#attempt(() => this.#logger.warn(message));
  }

  /** @param details - what is logged beside it, as a stack. */
  error(message: unknown, ...details: string[]): void {
    this.#attempt(() => this.#logger.error(message, ...details));
  }

  #attempt(write: () => void): void {
    try {
      this.#inOwnContext(write);
    } catch (error) {
      const what = types.isNativeError(error) ? error.message : `a value of type ${typeof error}`;
      process.emitWarning(`The logger of the app threw, and a line of the log is lost: ${what}`, 'CallbacksWarning');
    }
  }
}
