import { FORMAT_VERSION } from '../callback-delivery.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import { deliveryIssues } from '../check-delivery.js';
import { digestOf } from '../digest-of.js';

/** What a queue finds in the place where it stored a delivery. */
export type StoredDelivery =
  | { readonly delivery: CallbackDelivery }
  /** A newer version of the package wrote it: it is left to those who know its format. */
  | { readonly newer: number }
  /** Somebody changed it, or put something else there: why it can never be sent. */
  | { readonly damage: string };

/**
 * Reads what a queue stored, to attempt it: its method, URL and body must be those that its digest was made of.
 *
 * @param id - under which it was stored.
 * @param stored - the parsed JSON.
 */
export function readStoredDelivery(id: string | undefined, stored: unknown): StoredDelivery {
  if (isNewer(stored)) return { newer: versionOf(stored) };
  const [issue] = deliveryIssues(stored);
  if (issue) return { damage: issue.path === '' ? issue.message : `\`${issue.path}\` ${issue.message}` };
  // Checked in the line before.
  const delivery = stored as CallbackDelivery;
  if (delivery.status !== 'prepared') return { damage: 'it was skipped' };
  if (delivery.id !== id) return { damage: 'its `id` is that of another delivery' };
  if (delivery.digest !== digestOf(delivery.request)) {
    return { damage: 'its `digest` is not that of its method, URL and body' };
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
