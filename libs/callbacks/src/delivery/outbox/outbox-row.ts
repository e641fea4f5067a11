import { isCallbackError } from '../../errors/callback.error.js';
import { isNewer } from '../queue/stored-delivery.js';

/** A row of an outbox: a callback that was saved with what made it due, and that the queue may not hold yet. */
export interface PendingDelivery<Id> {
  /** The id of the row. */
  readonly id: Id;
  /** What `prepare()` gave, as your database gives it back: an object, or its JSON as a string. */
  readonly delivery: unknown;
}

/** A row that was read. */
export interface OutboxRow<Id> {
  readonly id: Id;
  /** What the row is called in the log. */
  readonly title: string;
  /** Tells it from every other row. */
  readonly key: string;
  /** What `prepare()` gave; nothing if it cannot be read. */
  readonly delivery: unknown;
}

/** What came of handing a row to the queue. */
export type RowOutcome =
  | { readonly status: 'taken' }
  /** No queue will ever take it. */
  | { readonly status: 'refused'; readonly reason: string }
  /** It is left to replicas that know its format. */
  | { readonly status: 'newer' }
  /** The queue may take it later. */
  | { readonly status: 'failed'; readonly error: unknown };

/** What is wrong with the delivery itself, and stays wrong. Any other error may be one of the queue. */
const REFUSALS: readonly string[] = ['CALLBACK_URL', 'CALLBACK_CONTRACT', 'CALLBACK_KEY_REUSED'];

/** @throws TypeError if the row has no id: it could never be put away. */
export function readRow<Id>({ id, delivery: stored }: PendingDelivery<Id>): OutboxRow<Id> {
  if (id === undefined || id === null) throw new TypeError('pending() gave a row without an `id`');
  const delivery = typeof stored === 'string' ? parse(stored) : stored;
  const name = typeof id === 'object' ? JSON.stringify(id) : String(id);
  // SQLite gives the id of a row that was deleted to the next one.
  return { id, title: `row ${name}`, key: `${name} ${deliveryIdOf(delivery)}`, delivery };
}

/** Hands a row to the queue. It never rejects. */
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

/** The error of JSON.parse() is dropped: it quotes what may be secret. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function deliveryIdOf(delivery: unknown): string {
  return typeof delivery === 'object' && delivery !== null && 'id' in delivery ? String(delivery.id) : '';
}
