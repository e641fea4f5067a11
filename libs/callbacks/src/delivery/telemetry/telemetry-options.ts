import { nestedOptionsIssue } from '../../errors/option-issues.js';

/** The options of traces. */
export interface TelemetryOptions {
  /**
   * Sends receivers the `traceparent` of the attempt. They learn the ids of your traces, and whether you sample them.
   *
   * @default false
   */
  propagate?: boolean;
}

/** Returns what `telemetry` must be, as the end of "must be …", or `undefined` if it is valid. */
export function telemetryIssue(value: unknown): string | undefined {
  return nestedOptionsIssue<TelemetryOptions>(value, {
    propagate: (propagate) => (typeof propagate === 'boolean' ? undefined : 'is true or false'),
  });
}
