import { nestedOptionsIssue } from '../../errors/option-issues.js';

/** What the traces of an app do. */
export interface TelemetryOptions {
  /**
   * Sends receivers the `traceparent` of the attempt. They learn the ids of your traces, and whether you sample them.
   *
   * @default false
   */
  propagate?: boolean;
}

/** The end of "The option `telemetry` must be …", or `undefined` if the value is that. */
export function telemetryIssue(value: unknown): string | undefined {
  return nestedOptionsIssue<TelemetryOptions>(value, {
    propagate: (propagate) => (typeof propagate === 'boolean' ? undefined : 'is true or false'),
  });
}
