import { FORMAT_VERSION, digestOf } from '../callback-delivery.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import { deliveryIssues } from '../check-delivery.js';

/** The result of reading a stored delivery. */
export type StoredDelivery =
  | { readonly delivery: CallbackDelivery }
  /** A newer version of the package wrote it, so it is left to processes that know its format. */
  | { readonly newer: number }
  /** The data was changed, so it can never be sent. `damage` says why. */
  | { readonly damage: string };

/**
 * Reads a stored delivery for an attempt. Its HTTP method, URL and body must match its digest.
 *
 * @param id - the id that it was stored under.
 * @param stored - the parsed JSON.
 */
export function readStoredDelivery(id: string | undefined, stored: unknown): StoredDelivery {
  if (isNewer(stored)) return { newer: versionOf(stored) };
  const [issue] = deliveryIssues(stored);
  if (issue) return { damage: issue.path === '' ? issue.message : `\`${issue.path}\` ${issue.message}` };
  // The line before checked it.
  const delivery = stored as CallbackDelivery;
  if (delivery.status !== 'prepared') return { damage: 'it was skipped' };
  if (delivery.id !== id) return { damage: 'its `id` belongs to another delivery' };
  if (delivery.digest !== digestOf(delivery.request)) {
    return { damage: 'its `digest` does not match its method, URL and body' };
  }
  return { delivery };
}

/** Whether a newer version of the package wrote it. */
export function isNewer(stored: unknown): boolean {
  return versionOf(stored) > FORMAT_VERSION;
}

function versionOf(stored: unknown): number {
  if (typeof stored !== 'object' || stored === null || !('version' in stored)) return 0;
  return typeof stored.version === 'number' ? stored.version : 0;
}
