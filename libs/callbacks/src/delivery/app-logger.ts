import { AsyncLocalStorage } from 'node:async_hooks';
import { types, inspect } from 'node:util';
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

type Field = string | number | readonly string[] | undefined;

/**
 * Values that need no quotes. All others are quoted, so that foreign data cannot end the line or look like another
 * field.
 */
const PLAIN = /^[\w.:[\]-]+$/;

/**
 * Loggers that write JSON get an object with these members, loggers that write text get one line: the first member, and
 * the others as `id=msg_1 attempt=2`.
 */
abstract class FieldsLine {
  constructor(members: object) {
    Object.assign(this, members);
  }

  [inspect.custom](): string {
    const members: [string, Field][] = Object.entries(this);
    const [begin, ...fields] = members.filter(([, value]) => value !== undefined);
    return [begin?.[1], ...fields.map(([name, value]) => `${name}=${writeField(String(value))}`)].join(' ');
  }
}

function writeField(value: string): string {
  return PLAIN.test(value) ? value : JSON.stringify(value);
}

/** A log line with a constant message, so that logs can be grouped by it. Ids and other values are fields. */
export class LogLine extends FieldsLine {
  constructor(message: string, fields: Readonly<Record<string, Field>>) {
    super({ message, ...fields });
  }
}

/** The log of one attempt. */
interface AttemptLog {
  /** `retry`: it is tried again. `postponed`: this machine is at fault, and the attempt is repeated. */
  readonly outcome: 'delivered' | 'retry' | 'failed' | 'postponed';
  readonly id: string;
  readonly callback: string;
  readonly key: string | undefined;
  readonly host: string;
  /** How long it took, in ms. */
  readonly duration: number;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  /** The HTTP status of the reply, if there was one. */
  readonly status: number | undefined;
  /** The earliest time of the next attempt. */
  readonly next?: string | undefined;
  /** Why it failed. */
  readonly error?: string | undefined;
}

/** The log line of an attempt, which begins with its outcome. */
export class AttemptLogLine extends FieldsLine {
  constructor({ outcome, ...fields }: AttemptLog) {
    super({ outcome, ...fields });
  }
}

/** Returns the message of anything that was thrown, for a log line. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : `a value of type ${typeof thrown} was thrown`;
}
