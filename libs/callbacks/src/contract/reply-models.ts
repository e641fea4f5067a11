import type { ReceiverOperation } from './callback-contract.js';
import { defaultResponses } from './default-responses.js';
import { responsesOf } from './route-metadata.js';

/** What the reply of one status is documented to be. */
export interface ReplyModel {
  /** The class of the reply, or of its items. */
  readonly type?: unknown;
  readonly isArray?: boolean;
  /** The Standard Schema of the reply. */
  readonly standardSchema?: unknown;
}

/** The documented replies of an operation by status: `200`, `2XX`, `default`. */
export function replyModelsOf(operation: ReceiverOperation): Readonly<Record<string, ReplyModel>> {
  return { ...responsesOf(operation.callbacks), ...responsesOf(operation.method), ...defaultResponses(operation) };
}

/**
 * The model of a reply with this status: of the status itself, else of its range, else of `default`; else the one
 * model of all successes, where there is just one.
 */
export function replyModelFor(models: Readonly<Record<string, ReplyModel>>, status: number): ReplyModel | undefined {
  const documented = models[String(status)] ?? models[`${String(status)[0]}XX`] ?? models['default'];
  if (documented) return documented;
  const successes = Object.entries(models).filter(([key, model]) => key.startsWith('2') && hasModel(model));
  return successes.length === 1 ? successes[0]![1] : undefined;
}

function hasModel({ type, standardSchema }: ReplyModel): boolean {
  return type !== undefined || standardSchema !== undefined;
}
