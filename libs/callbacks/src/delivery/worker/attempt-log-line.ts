import { inspect } from 'node:util';
import { writeFields } from '../log-line.js';

/** What the log says of one attempt. */
export interface AttemptLog {
  /** What follows: it is delivered, tried again, failed for good, or made again since this machine was at fault. */
  readonly outcome: 'delivered' | 'retry' | 'failed' | 'postponed';
  readonly id: string;
  readonly callback: string;
  readonly key: string | undefined;
  readonly host: string;
  /** How long it took, in ms. */
  readonly duration: number;
  /** Which attempt it was, from 1. */
  readonly attempt: number;
  /** The HTTP status of the reply, if one came. */
  readonly status: number | undefined;
  /** When the next attempt is made, at the earliest. */
  readonly next?: string | undefined;
  /** Why it failed. */
  readonly error?: string | undefined;
}

/** An object for a logger that writes JSON, and one line for a logger that writes text. */
export class AttemptLogLine {
  constructor(log: AttemptLog) {
    Object.assign(this, log);
  }

  [inspect.custom](): string {
    const { outcome, ...fields } = this as unknown as AttemptLog;
    return `${outcome} ${writeFields(fields)}`;
  }
}
