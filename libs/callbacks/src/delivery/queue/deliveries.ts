import type { JsonValue } from '../callback-delivery.js';

/**
 * The state of a delivery. `queued` waits for its first or next attempt, `inFlight` is being attempted, and the other
 * three have ended.
 */
export type DeliveryState = 'queued' | 'inFlight' | 'delivered' | 'failed' | 'cancelled';

/** The states of deliveries that have ended. */
export const ENDED_STATES: ReadonlySet<DeliveryState> = new Set(['delivered', 'failed', 'cancelled']);

/** The most deliveries of a state that are sorted for a list. With more, all deliveries are scanned in order. */
export const MAX_SORTED = 5_000;

/** How many attempts are kept of a delivery: the latest ones. */
export const MAX_HISTORY = 20;

/** The record of an attempt that has ended. */
export interface DeliveryAttempt {
  /** The number of the attempt, from 1. After `retry()` of a delivery that had ended, the count starts again. */
  readonly attempt: number;
  /** When it began. */
  readonly at: Date;
  /** How long it took, in ms. */
  readonly duration: number;
  /** The HTTP status of the reply, if there was one. */
  readonly statusCode?: number;
  /** Why it failed. */
  readonly error?: string;
  /** The first 1 KiB of the reply. */
  readonly reply?: string;
}

/** What a queue knows about a delivery. */
export interface DeliverySummary {
  /** The id of the delivery, and its `webhook-id`. */
  readonly id: string;
  /** The qualified name of the handler, such as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback: string;
  /** The idempotency key, if it was enqueued with one. */
  readonly key?: string;
  /** The app's own JSON, if it was enqueued with some. */
  readonly context?: JsonValue;
  readonly url: string;
  readonly state: DeliveryState;
  /** How many attempts have ended. */
  readonly attempts: number;
  readonly enqueuedAt: Date;
  /** When it was enqueued, when its latest attempt ended, or when it was retried or cancelled: the latest of these. */
  readonly updatedAt: Date;
  /** The earliest time of the next attempt, if it is queued. */
  readonly nextAttemptAt?: Date;
  /** Why its latest attempt failed. */
  readonly error?: string;
}

/** A delivery with its attempts. */
export interface DeliveryDetails extends DeliverySummary {
  /** The latest attempts, at most twenty, oldest first. */
  readonly history: readonly DeliveryAttempt[];
  /** The body that every attempt sends, in base64 if it is not text; absent if there is none or it was dropped. */
  readonly body?: string;
}

/** Selects the deliveries that match every given member. */
export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  /** The qualified name of the handler, such as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback?: string | undefined;
  /** The host of the URL, with its port unless that is the default one: `www.external.org`, `127.0.0.1:3001`. */
  readonly host?: string | undefined;
  /** The idempotency key. Several deliveries may have the same key, for different handlers and URLs. */
  readonly key?: string | undefined;
  /** Deliveries whose `updatedAt` is at this time or later. */
  readonly since?: Date | undefined;
  /** Deliveries whose `updatedAt` is before this time. */
  readonly until?: Date | undefined;
}

/** Selects a page of a list. */
export interface DeliveryPageRequest {
  /** The most deliveries on the page, from 1 to 500. */
  readonly limit: number;
  /** The `next` of the previous page. */
  readonly cursor?: string;
}

/** One page of deliveries. */
export interface DeliveryPage {
  readonly deliveries: readonly DeliverySummary[];
  /** The cursor of the next page; absent on the last page. */
  readonly next?: string;
}

/** How many deliveries a queue holds. */
export interface CallbackStats {
  /** Waiting for their first or their next attempt. */
  readonly queued: number;
  /** Queued deliveries that could be attempted now. */
  readonly due: number;
  /** When the oldest of these became due. */
  readonly oldestDueAt?: Date;
  /** Being attempted, by any process. */
  readonly inFlight: number;
  /** Delivered, and still remembered by the queue. */
  readonly delivered: number;
  /** Failed permanently, and still remembered by the queue. */
  readonly failed: number;
  /** Cancelled, and still remembered by the queue. */
  readonly cancelled: number;
}

const STATES: Readonly<Record<DeliveryState, true>> = {
  queued: true,
  inFlight: true,
  delivered: true,
  failed: true,
  cancelled: true,
};

/** Returns what a member must be, or `undefined` if it is valid. */
type Check = (value: unknown) => string | undefined;

const stringIssue: Check = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty';
const dateIssue: Check = (value) =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? undefined : 'a valid Date';

const CHECKS: Readonly<Record<keyof DeliveryFilter, Check>> = {
  state: (value) =>
    typeof value === 'string' && Object.hasOwn(STATES, value) ? undefined : `one of ${Object.keys(STATES).join(', ')}`,
  callback: stringIssue,
  host: stringIssue,
  key: stringIssue,
  since: dateIssue,
  until: dateIssue,
};

/** The most deliveries on a page. */
export const MAX_PAGE_SIZE = 500;

/**
 * Checks a filter of deliveries.
 *
 * @param caller - the function with the filter, such as `retry()`.
 * @returns only the members that are not undefined.
 * @throws TypeError with everything that is wrong.
 */
export function readDeliveryFilter(given: unknown, caller: string): DeliveryFilter {
  if (typeof given !== 'object' || given === null) throw new TypeError(`The filter of ${caller} must be an object.`);
  const members = Object.entries(given).filter(([, value]) => value !== undefined);
  const faults = members.flatMap(([name, value]) => {
    if (!Object.hasOwn(CHECKS, name)) return [`has no \`${name}\`: it has ${Object.keys(CHECKS).join(', ')}`];
    const expected = CHECKS[name as keyof DeliveryFilter](value);
    return expected === undefined ? [] : [`needs ${expected} as \`${name}\``];
  });
  if (faults.length > 0) throw new TypeError(`The filter of ${caller} ${faults.join('; it ')}.`);
  return Object.fromEntries(members);
}

/** @throws TypeError that names what is wrong. */
export function readPage({ limit = 50, cursor }: { limit?: unknown; cursor?: unknown }): DeliveryPageRequest {
  if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
    throw new TypeError(`The \`limit\` of deliveries() must be a whole number from 1 to ${MAX_PAGE_SIZE}.`);
  }
  if (cursor === undefined) return { limit };
  if (typeof cursor !== 'string' || cursor === '') throw wrongCursor();
  return { limit, cursor };
}

/**
 * Parses the cursor of a queue that numbers its deliveries in the order in which they were enqueued.
 *
 * @returns the number that all deliveries of the page are below.
 * @throws TypeError if it cannot be the cursor of a page, since clients can send anything.
 */
export function readSequenceCursor(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  const sequence = Number(cursor);
  // Only the exact output of `String()` is valid.
  if (!Number.isSafeInteger(sequence) || String(sequence) !== cursor) throw wrongCursor();
  return sequence;
}

function wrongCursor(): TypeError {
  return new TypeError('The `cursor` of deliveries() must be the `next` of the previous page.');
}
