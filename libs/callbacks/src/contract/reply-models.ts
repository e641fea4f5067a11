import type { ReceiverOperation } from './callback-contract.js';
import { defaultResponses } from './default-responses.js';
import { readModel } from '../metadata/model.js';
import type { Model } from '../metadata/model.js';
import { responsesOf } from '../metadata/route-metadata.js';

/** The documented replies of an operation by status: `200`, `2XX`, `default`. */
export function replyModelsOf(operation: ReceiverOperation): Readonly<Record<string, Model>> {
  const { callbacks, method } = operation;
  const responses = { ...responsesOf(callbacks), ...responsesOf(method), ...defaultResponses(operation) };
  return Object.fromEntries(Object.entries(responses).map(([status, response]) => [status, readModel(response)]));
}

/**
 * The model of a reply with this status: of the status itself, else of its range, else of `default`; else the one
 * model of all successes, where there is just one. What is documented without a model says that any body is right.
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
