import { isJsonObject } from '../../expression/json.js';
import { contextOf } from '../callback-delivery.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import { MAX_HISTORY } from './deliveries.js';
import type { DeliveryAttempt, DeliveryDetails, DeliveryState, DeliverySummary } from './deliveries.js';
import { readStoredDelivery } from '../read-delivery.js';
import type { StoredDelivery } from '../read-delivery.js';

/** The states of rows in the table of a queue. */
export type RowState = 'ready' | 'waiting' | 'leased' | 'delivered' | 'failed' | 'cancelled';

/** The row states for each state of deliveries. */
export const STATE_OF: Readonly<Record<RowState, DeliveryState>> = {
  ready: 'queued',
  waiting: 'queued',
  leased: 'inFlight',
  delivered: 'delivered',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** The condition of rows whose deliveries have ended. */
export const HAS_ENDED = `state IN ('delivered', 'failed', 'cancelled')`;

// The keys are those of the record.
export const ROW_STATES = Object.keys(STATE_OF) as readonly RowState[];

/** Returns the row states for a state of deliveries. */
export function rowStatesOf(state: DeliveryState): readonly RowState[] {
  return ROW_STATES.filter((one) => STATE_OF[one] === state);
}

/** The columns of a delivery in a list. Times are in ms since 1970. */
export interface SummaryRow {
  readonly sequence: number;
  readonly state: RowState;
  readonly due: number;
  readonly enqueued_at: number;
  readonly updated_at: number;
  readonly attempts: number;
  readonly id: string;
  readonly callback: string;
  readonly receiver: string;
  readonly key: string | null;
  readonly error: string | null;
  /** The delivery without its body, as JSON. */
  readonly delivery: string;
}

/** The columns of one delivery, with its attempts and its body. */
export interface DetailsRow extends SummaryRow {
  /** As JSON. */
  readonly history: string | null;
  readonly body: string | null;
}

/** The columns for an attempt. */
export type DeliveryRow = Pick<DetailsRow, 'sequence' | 'attempts' | 'id' | 'history' | 'delivery' | 'body'>;

/** Reads the delivery in a row, or what is wrong with it. */
export function deliveryIn({ id, attempts, delivery, body }: DeliveryRow): StoredDelivery {
  if (!Number.isSafeInteger(attempts) || attempts < 0) return { damage: 'its `attempts` is not a count' };
  const stored = jsonIn(delivery);
  if (stored === undefined) return { damage: 'it is not JSON' };
  return readStoredDelivery(id, body === null ? stored : withBody(stored, body));
}

export function summaryIn(row: SummaryRow): DeliverySummary {
  const stored = jsonIn(row.delivery);
  // A damaged row is listed with whatever can be read.
  const delivery = (isJsonObject(stored) ? stored : {}) as Partial<CallbackDelivery>;
  const url: unknown = isJsonObject(delivery.request) ? delivery.request['url'] : undefined;
  const state = STATE_OF[row.state];
  return {
    id: row.id,
    callback: row.callback,
    ...(row.key !== null && { key: row.key }),
    ...contextIn(delivery),
    url: typeof url === 'string' ? url : row.receiver,
    state,
    attempts: row.attempts,
    enqueuedAt: dateOf(row.enqueued_at),
    updatedAt: dateOf(row.updated_at),
    ...(state === 'queued' && { nextAttemptAt: dateOf(row.due) }),
    ...(row.error !== null && { error: row.error }),
  };
}

export function detailsIn(row: DetailsRow): DeliveryDetails {
  return { ...summaryIn(row), history: historyIn(row), ...(row.body !== null && { body: row.body }) };
}

export function historyIn({ history }: Pick<DetailsRow, 'history'>): readonly DeliveryAttempt[] {
  const stored = history !== null && jsonIn(history);
  if (!Array.isArray(stored)) return [];
  // storeHistory() wrote it. A damaged one is shown as it is.
  return stored
    .filter(isJsonObject)
    .map((attempt) => ({ ...attempt, at: dateOf(Number(attempt['at'])) }) as DeliveryAttempt);
}

/**
 * Returns the history of a row with one more attempt, to be stored.
 *
 * @param history - the result of `historyIn()`.
 */
export function storeHistory(history: readonly DeliveryAttempt[], last: DeliveryAttempt): string {
  const kept = [...history, last].slice(-MAX_HISTORY);
  return JSON.stringify(kept.map((attempt) => ({ ...attempt, at: attempt.at.getTime() })));
}

/** Returns a valid `Date` for any number in the row. */
export function dateOf(time: number): Date {
  const LIMIT = 8.64e15;
  return new Date(Number.isNaN(time) ? 0 : Math.min(LIMIT, Math.max(-LIMIT, time)));
}

function withBody(stored: unknown, body: string): unknown {
  if (!isJsonObject(stored) || !isJsonObject(stored['request'])) return stored;
  return { ...stored, request: { ...stored['request'], body } };
}

function contextIn(delivery: Partial<CallbackDelivery>) {
  try {
    return contextOf(delivery);
  } catch {
    return {};
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
