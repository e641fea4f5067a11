import type { ReceiverOperation } from './callback-contract.js';
import { readModel, isModelClass } from '../metadata/model.js';
import type { Model } from '../metadata/model.js';
import { responsesOf, httpCodeOf, returnTypeOf, statusOf } from '../metadata/route-metadata.js';

/** The models of the documented replies of an operation, by status: `200`, `2XX`, `default`. */
export function replyModelsOf(operation: ReceiverOperation): Readonly<Record<string, Model>> {
  const { callbacks, method } = operation;
  const responses = { ...responsesOf(callbacks), ...responsesOf(method), ...defaultResponses(operation) };
  return Object.fromEntries(Object.entries(responses).map(([status, response]) => [status, readModel(response)]));
}

/**
 * Returns the model for a status: that of the status, of its range or of `default`, in this order; otherwise the only
 * model of all successes, if there is exactly one. A reply documented without a model may have any body.
 */
export function replyModelFor(models: Readonly<Record<string, Model>>, status: number): Model | undefined {
  const documented = models[String(status)] ?? models[`${String(status)[0]}XX`] ?? models['default'];
  if (documented) return documented;
  const successes = Object.entries(models).filter(([key, model]) => key.startsWith('2') && hasModel(model));
  return successes.length === 1 ? successes[0]![1] : undefined;
}

function hasModel({ type, standardSchema }: Model): boolean {
  return type !== undefined || standardSchema !== undefined;
}

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
