import { httpCodeOf, responsesOf, returnTypeOf, statusOf } from './route-metadata.js';
import type { Method } from './route-metadata.js';

/**
 * The response that stands for a callback method's success where its decorators declare none, by status: the class
 * that the method is declared to return, under the status that Nest gives it; else any 2XX, because any is accepted.
 * Empty where the decorators, `@HttpCode()` among them, have said it.
 */
export function defaultResponses(
  callbacks: { prototype: object },
  name: string,
  method: Method,
): Record<string, object> {
  const status = statusOf(method);
  const declared = { ...responsesOf(callbacks), ...responsesOf(method) };
  if (Object.keys(declared).some((key) => !isError(key) && !(key === String(status) && saysNothing(declared[key])))) {
    return {};
  }
  const type = returnTypeOf(callbacks.prototype, name);
  if (isModel(type)) return { [status]: { type, description: '' } };
  return httpCodeOf(method) === undefined ? { '2XX': { description: 'accepted' } } : {};
}

function isError(status: string): boolean {
  return status.startsWith('4') || status.startsWith('5');
}

/** The `@nestjs/swagger` CLI plugin declares a response with no more than its status on every method. */
function saysNothing(response: object | undefined): boolean {
  return Object.entries(response ?? {}).every(
    ([key, value]) => value === undefined || (key === 'description' && value === ''),
  );
}

/** What TypeScript writes for types that are no class (`Object`, `Promise`, `String`, …) is a global of the language. */
function isModel(type: unknown): type is { name: string } {
  if (typeof type !== 'function') return false;
  return (globalThis as Record<string, unknown>)[type.name] !== type;
}
