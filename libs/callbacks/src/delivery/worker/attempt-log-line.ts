import { inspect } from 'node:util';
import { writeFields } from '../log-line.js';

/** The log of one attempt. */
export interface AttemptLog {
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

/** An object for loggers that write JSON, and one line for loggers that write text. */
export class AttemptLogLine {
  constructor(log: AttemptLog) {
    Object.assign(this, log);
  }

  [inspect.custom](): string {
    const { outcome, ...fields } = this as unknown as AttemptLog;
    return `${outcome} ${writeFields(fields)}`;
  }
}
