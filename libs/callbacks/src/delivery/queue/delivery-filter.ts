import type { DeliveryFilter, DeliveryPageRequest, DeliveryState } from './deliveries.js';

const STATES: Readonly<Record<DeliveryState, true>> = {
  queued: true,
  inFlight: true,
  delivered: true,
  failed: true,
  cancelled: true,
};

type Check = (value: unknown) => string | undefined;

const isText: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty');
const isDate: Check = (value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? undefined : 'a valid Date');

const CHECKS: Readonly<Record<keyof DeliveryFilter, Check>> = {
  state: (value) =>
    typeof value === 'string' && Object.hasOwn(STATES, value) ? undefined : `one of ${Object.keys(STATES).join(', ')}`,
  callback: isText,
  host: isText,
  key: isText,
  since: isDate,
  until: isDate,
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
