import type { ReceiverOperation } from './callback-contract.js';
import { defaultResponses } from './default-responses.js';
import { readModel } from '../metadata/model.js';
import type { Model } from '../metadata/model.js';
import { responsesOf } from '../metadata/route-metadata.js';

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
