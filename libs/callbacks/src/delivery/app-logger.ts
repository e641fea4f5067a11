import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';
import { Logger } from '@nestjs/common';

/**
 * Nest's logger, which may delegate to the app's own. If that one throws, only the log line is lost, and a process
 * warning says so.
 */
export class AppLogger {
  readonly #logger: Logger;
  /** Log lines belong to no request: a queue may handle a delivery while another request is active. */
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

  /** @param details - additional lines, such as a stack. */
  error(message: unknown, ...details: string[]): void {
    this.#attempt(() => this.#logger.error(message, ...details));
  }

  #attempt(write: () => void): void {
    try {
      this.#inOwnContext(write);
    } catch (error) {
      const what = types.isNativeError(error) ? error.message : `a value of type ${typeof error}`;
      process.emitWarning(`The logger of the app threw, and a log line was lost: ${what}`, 'CallbacksWarning');
    }
  }
}
