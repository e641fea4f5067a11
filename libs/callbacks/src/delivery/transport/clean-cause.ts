import { types } from 'node:util';

/** Members of errors of axios and of undici's parser that contain headers, bodies and whole URLs. */
const CARRIED = ['config', 'request', 'response', 'data'];

/**
 * Returns an error that is safe to print as the `cause` of another: the error itself, or, if it or one of its causes
 * contains an HTTP message, a new error with the same name, message and code.
 */
export function cleanCause(error: unknown): Error {
  if (!types.isNativeError(error)) return new Error(`A value of type ${typeof error} was thrown`);
  if (!carriesMessage(error)) return error;
  const clean = new Error(error.message);
  clean.name = error.name;
  return 'code' in error && typeof error.code === 'string' ? Object.assign(clean, { code: error.code }) : clean;
}

function carriesMessage(error: Error): boolean {
  const seen = new Set<unknown>();
  for (let link: unknown = error; types.isNativeError(link) && !seen.has(link); link = link.cause) {
    if (Object.keys(link).some((key) => CARRIED.includes(key))) return true;
    seen.add(link);
  }
  return false;
}
