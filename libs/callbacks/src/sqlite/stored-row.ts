import { isUtf8 } from 'node:buffer';
import { contextOf } from '../delivery/callback-delivery.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { DeliveryAttempt, DeliveryDetails, DeliveryState, DeliverySummary } from '../delivery/queue/deliveries.js';
import { readStoredDelivery } from '../delivery/queue/stored-delivery.js';
import type { StoredDelivery } from '../delivery/queue/stored-delivery.js';
import type { RowState } from './schema.js';
import type { SqliteBlob } from './sqlite-database.js';

/** Text is read as a BLOB: libsql aborts the process when it meets text that is not UTF-8. */
const text = (...columns: string[]) => columns.map((column) => `CAST(${column} AS BLOB) AS ${column}`).join(', ');

/** The columns of `SummaryRow`. */
export const SUMMARY = `sequence, state, due, enqueued_at, updated_at, attempts,
  ${text('id', 'callback', 'receiver', 'key', 'error', 'delivery')}`;

/** The columns of `DetailsRow`. */
export const DETAILS = `${SUMMARY}, ${text('history', 'body')}`;

/** The columns of `DeliveryRow`. */
export const DELIVERY = `sequence, attempts, ${text('id', 'history', 'delivery', 'body')}`;

/** What a list says of a delivery. */
export interface SummaryRow {
  readonly sequence: number;
  readonly state: RowState;
  readonly due: number;
  readonly enqueued_at: number;
  readonly updated_at: number;
  readonly attempts: number;
  readonly id: SqliteBlob;
  readonly callback: SqliteBlob;
  readonly receiver: SqliteBlob;
  readonly key: SqliteBlob | null;
  readonly error: SqliteBlob | null;
  /** The delivery without its body, as JSON. */
  readonly delivery: SqliteBlob;
}

/** The same, with its attempts and its body. */
export interface DetailsRow extends SummaryRow {
  readonly history: SqliteBlob | null;
  readonly body: SqliteBlob | null;
}

/** All that is needed to attempt a delivery. */
export type DeliveryRow = Pick<DetailsRow, 'sequence' | 'attempts' | 'id' | 'history' | 'delivery' | 'body'>;

/** What stands for the state in the table. */
export const STATE_OF: Readonly<Record<RowState, DeliveryState>> = {
  ready: 'queued',
  waiting: 'queued',
  leased: 'inFlight',
  delivered: 'delivered',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** The text of a BLOB. What is not UTF-8 in it becomes U+FFFD. */
export function textOf(blob: SqliteBlob): string {
  return bytesOf(blob).toString();
}

export function bytesOf(blob: SqliteBlob): Buffer {
  return blob instanceof Uint8Array ? Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength) : Buffer.from(blob);
}

/**
 * The delivery in a row, or what is wrong with it.
 *
 * @param receiver - what its row says.
 */
export function deliveryIn(row: DeliveryRow, receiver: string): StoredDelivery {
  const [id, parts, body] = [row.id, row.delivery, row.body].map((blob) => blob && bytesOf(blob));
  if (![id, parts, body].every((bytes) => !bytes || isUtf8(bytes))) return { damage: 'it is not UTF-8' };
  if (!Number.isSafeInteger(row.attempts) || row.attempts < 0) return { damage: 'its `attempts` is not a count' };
  const stored = jsonIn(row.delivery);
  if (stored === undefined) return { damage: 'it is not JSON' };
  const read = readStoredDelivery(textOf(row.id), body ? withBody(stored, body.toString()) : stored);
  if ('delivery' in read && read.delivery.receiver !== receiver) {
    return { damage: 'its `receiver` is not the one of its row' };
  }
  return read;
}

/** @param stored - just parsed: nobody else has it. */
function withBody(stored: unknown, body: string): unknown {
  if (isObject(stored) && isObject(stored['request'])) stored['request']['body'] = body;
  return stored;
}

export function summaryIn(row: SummaryRow): DeliverySummary {
  const stored = jsonIn(row.delivery);
  // A row that is damaged is listed with what is left of it.
  const delivery = (isObject(stored) ? stored : {}) as Partial<CallbackDelivery>;
  const url: unknown = isObject(delivery.request) ? delivery.request['url'] : undefined;
  const state = STATE_OF[row.state];
  return {
    id: textOf(row.id),
    callback: textOf(row.callback),
    ...(row.key && { key: textOf(row.key) }),
    ...contextIn(delivery),
    url: typeof url === 'string' ? url : textOf(row.receiver),
    state,
    attempts: row.attempts,
    enqueuedAt: dateOf(row.enqueued_at),
    updatedAt: dateOf(row.updated_at),
    ...(state === 'queued' && { nextAttemptAt: dateOf(row.due) }),
    ...(row.error && { error: textOf(row.error) }),
  };
}

export function detailsIn(row: DetailsRow): DeliveryDetails {
  return { ...summaryIn(row), history: historyIn(row), ...(row.body && { body: textOf(row.body) }) };
}

export function historyIn({ history }: Pick<DetailsRow, 'history'>): readonly DeliveryAttempt[] {
  const stored = history && jsonIn(history);
  if (!Array.isArray(stored)) return [];
  return stored
    .filter(isObject)
    .map((attempt) => ({ ...attempt, at: dateOf(Number(attempt['at'])) }) as DeliveryAttempt);
}

/** @param history - as `historyIn()` reads it. */
export function storeHistory(history: readonly DeliveryAttempt[]): string {
  return JSON.stringify(history.map((attempt) => ({ ...attempt, at: attempt.at.getTime() })));
}

/** A `Date` that is valid, whatever stands in the row. */
export function dateOf(time: number): Date {
  const LIMIT = 8.64e15;
  return new Date(Number.isNaN(time) ? 0 : Math.min(LIMIT, Math.max(-LIMIT, time)));
}

function contextIn(delivery: Partial<CallbackDelivery>) {
  try {
    return contextOf(delivery);
  } catch {
    return {};
  }
}

function jsonIn(blob: SqliteBlob): unknown {
  try {
    return JSON.parse(textOf(blob)) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
