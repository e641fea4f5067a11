import type { ReceiverOperation } from './callback-contract.js';
import { isModelClass } from '../metadata/model-class.js';
import { httpCodeOf, responsesOf, returnTypeOf, statusOf } from '../metadata/route-metadata.js';

/**
 * The response that stands for a callback method's success where its decorators declare none, by status: the class
 * that the method is declared to return, under the status that Nest gives it; else any 2XX, because any is accepted.
 * Nothing where the decorators, `@HttpCode()` among them, have said it.
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

/** The `@nestjs/swagger` CLI plugin declares a response with no more than its status on every method. */
function saysNothing(response: object | undefined): boolean {
  return Object.entries(response ?? {}).every(
    ([key, value]) => value === undefined || (key === 'description' && value === ''),
  );
}
