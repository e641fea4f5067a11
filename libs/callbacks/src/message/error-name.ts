import { types } from 'node:util';

/** Returns the name of an error of other code. Its message may contain values, so it must not be shown. */
export function errorName(error: unknown): string {
  return error instanceof Error || types.isNativeError(error) ? error.name : typeof error;
}
