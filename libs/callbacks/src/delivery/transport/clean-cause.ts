import { types } from 'node:util';

/** What errors of axios and of undici's parser carry beside a message: headers, bodies, whole URLs. */
const CARRIED = ['config', 'request', 'response', 'data'];

/**
 * An error that can be the `cause` of another and be printed: itself, or, where it or one of its own causes carries a
 * message of HTTP, a new error of the same name, message and code.
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
