import { isCallbackError } from '../../errors/callback.errors.js';
import { isNewer } from '../read-delivery.js';

/** A row of an outbox: a saved callback that the queue may not hold yet. */
export interface PendingDelivery<Id> {
  /** The id of the row. */
  readonly id: Id;
  /** The result of `prepare()`, as your database returns it: an object, or its JSON as a string. */
  readonly delivery: unknown;
}

/** A parsed row. */
export interface OutboxRow<Id> {
  readonly id: Id;
  /** The name of the row in the log. */
  readonly title: string;
  /** A unique key of the row. */
  readonly key: string;
  /** The result of `prepare()`; `undefined` if it cannot be read. */
  readonly delivery: unknown;
}

/** The result of submitting a row to the queue. */
export type RowOutcome =
  | { readonly status: 'taken' }
  /** No queue will ever accept it. */
  | { readonly status: 'refused'; readonly reason: string }
  /** It is left to replicas that know its format. */
  | { readonly status: 'newer' }
  /** The queue may accept it later. */
  | { readonly status: 'failed'; readonly error: unknown };

/** Errors of the delivery itself, which are permanent. Any other error may be one of the queue. */
const REFUSALS: readonly string[] = ['CALLBACK_URL', 'CALLBACK_CONTRACT', 'CALLBACK_KEY_REUSED'];

/** @throws TypeError if the row has no id, because it could never be settled. */
export function readRow<Id>({ id, delivery: stored }: PendingDelivery<Id>): OutboxRow<Id> {
  if (id === undefined || id === null) throw new TypeError('pending() returned a row without an `id`');
  const delivery = typeof stored === 'string' ? parseDelivery(stored) : stored;
  const name = typeof id === 'object' ? JSON.stringify(id) : String(id);
  // SQLite may reuse the id of a deleted row.
  return { id, title: `row ${name}`, key: `${name} ${deliveryIdOf(delivery)}`, delivery };
}

/** Submits a row to the queue. It never rejects. */
export async function submitRow<Id>(
  { delivery }: OutboxRow<Id>,
  submit: (delivery: unknown) => Promise<unknown>,
): Promise<RowOutcome> {
  if (delivery === undefined) return { status: 'refused', reason: 'Its delivery is not valid JSON.' };
  if (isNewer(delivery)) return { status: 'newer' };
  try {
    await submit(delivery);
    return { status: 'taken' };
  } catch (error) {
    if (isCallbackError(error) && REFUSALS.includes(error.code)) return { status: 'refused', reason: error.message };
    return { status: 'failed', error };
  }
}

/** The error of JSON.parse() is dropped, since it quotes the string, which may be secret. */
function parseDelivery(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function deliveryIdOf(delivery: unknown): string {
  return typeof delivery === 'object' && delivery !== null && 'id' in delivery ? String(delivery.id) : '';
}
