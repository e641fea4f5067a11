import type { ReceiverOperation } from './callback-contract.js';
import { isModelClass } from '../metadata/model-class.js';
import { httpCodeOf, responsesOf, returnTypeOf, statusOf } from '../metadata/route-metadata.js';

/**
 * Returns the response that documents the success of a handler whose decorators declare none, by status: the declared
 * return class under Nest's status, or `2XX`, since any 2xx is accepted. Returns nothing if decorators, including
 * `@HttpCode()`, declare the success.
 */
export function defaultResponses({
  callbacks,
  methodName,
  method,
}: ReceiverOperation): Record<string, object> | undefined {
  const status = String(statusOf(method));
  if (declaresSuccess(responsesOf(method), status) || declaresSuccess(responsesOf(callbacks), status)) return undefined;
  const type = returnTypeOf(callbacks.prototype as object, methodName);
  if (isModelClass(type)) return { [status]: { type, description: '' } };
  return httpCodeOf(method) === undefined ? { '2XX': { description: 'accepted' } } : undefined;
}

function declaresSuccess(responses: Readonly<Record<string, object>>, status: string): boolean {
  return Object.keys(responses).some((key) => !isError(key) && !(key === status && saysNothing(responses[key])));
}

function isError(status: string): boolean {
  return status.startsWith('4') || status.startsWith('5');
}

/** The CLI plugin of `@nestjs/swagger` declares a response with nothing but a status on every method. */
function saysNothing(response: object | undefined): boolean {
  return Object.entries(response ?? {}).every(
    ([key, value]) => value === undefined || (key === 'description' && value === ''),
  );
}
