import { types } from 'node:util';

/** The name of an error that others threw: all that may be told of one whose message can hold a value. */
export function errorName(error: unknown): string {
  return error instanceof Error || types.isNativeError(error) ? error.name : typeof error;
}
