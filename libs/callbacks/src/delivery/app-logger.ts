import { types } from 'node:util';
import { Logger } from '@nestjs/common';

/**
 * Nest's logger, behind which the app's own may stand. Where that one throws, a line of the log is lost, and nothing
 * else: the process warns of it.
 */
export class AppLogger {
  readonly #logger: Logger;

  constructor(context: string) {
    this.#logger = new Logger(context);
  }

  log(message: unknown): void {
    attempt(() => this.#logger.log(message));
  }

  warn(message: unknown): void {
    attempt(() => this.#logger.warn(message));
  }

  /** @param details - what is logged beside it, as a stack. */
  error(message: unknown, ...details: string[]): void {
    attempt(() => this.#logger.error(message, ...details));
  }
}

function attempt(write: () => void): void {
  try {
    write();
  } catch (error) {
    const what = types.isNativeError(error) ? error.message : `a value of type ${typeof error}`;
    process.emitWarning(`The logger of the app threw, and a line of the log is lost: ${what}`, 'CallbacksWarning');
  }
}
