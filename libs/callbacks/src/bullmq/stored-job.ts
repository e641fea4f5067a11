import { parseUrl } from '../expression/parse-url.js';
import { isJsonObject } from '../expression/json.js';
import { contextOf } from '../delivery/callback-delivery.js';
import type { CallbackDelivery, JsonValue } from '../delivery/callback-delivery.js';
import type { DeliveryAttempt, DeliveryFilter, DeliveryState, DeliverySummary } from '../delivery/queue/deliveries.js';

/** The reply of `cbRead` for a job. */
export type JobReply = readonly [
  state: DeliveryState,
  due: string | null,
  latest: string | null,
  name: string | null,
  data: string | null,
  timestamp: string | null,
  attempts: string | null,
  updated: string | null,
];

/** A job with the readable data of its delivery. */
export interface StoredJob {
  readonly summary: DeliverySummary;
  readonly host: string | undefined;
  readonly digest: string;
  readonly body: string | undefined;
}

export function readJob(id: string, reply: JobReply): StoredJob {
  const [state, due, latest, , data, timestamp, attempts, updated] = reply;
  const known = knownOf(data);
  const error = latest === null ? undefined : readRecord(latest)?.error;
  const enqueuedAt = jobDateOf(timestamp);
  return {
    host: parseUrl(known.url)?.host,
    digest: known.digest,
    body: known.body,
    summary: {
      id,
      callback: known.callback,
      ...(known.key !== undefined && { key: known.key }),
      ...known.context,
      url: known.url,
      state,
      attempts: Number(attempts) || 0,
      enqueuedAt,
      updatedAt: updated === null ? enqueuedAt : jobDateOf(updated),
      ...(state === 'queued' && { nextAttemptAt: due === null ? enqueuedAt : jobDateOf(due) }),
      ...(error !== undefined && { error }),
    },
  };
}

export function matches({ summary, host }: StoredJob, filter: DeliveryFilter): boolean {
  return (
    (filter.state ?? summary.state) === summary.state &&
    (filter.callback ?? summary.callback) === summary.callback &&
    (filter.host ?? host) === host &&
    (filter.key ?? summary.key) === summary.key &&
    (filter.since ?? summary.updatedAt) <= summary.updatedAt &&
    (filter.until === undefined || summary.updatedAt < filter.until)
  );
}

/** Reads an attempt in a job's log. Other programs may write there too. */
export function readRecord(line: string): DeliveryAttempt | undefined {
  const record = parseJson(line);
  if (!isJsonObject(record) || typeof record['at'] !== 'string' || typeof record['attempt'] !== 'number')
    return undefined;
  // writeRecord() wrote it.
  return { ...(record as unknown as DeliveryAttempt), at: new Date(record['at']) };
}

export function writeRecord(record: DeliveryAttempt): string {
  return JSON.stringify(record);
}

/** Returns the data of a job without its body. */
export function withoutBody(delivery: CallbackDelivery): string {
  const { body: _, ...request } = delivery.request;
  return JSON.stringify({ ...delivery, request });
}

/** Returns a valid `Date` for any value in the job. */
function jobDateOf(time: string | null): Date {
  const date = new Date(Number(time));
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}

/** Returns what is known about a job, even if another program wrote it. */
function knownOf(data: string | null) {
  const value = parseJson(data ?? '');
  const { callback, key, digest, request, context } = isJsonObject(value) ? value : {};
  const body = isJsonObject(request) ? request['body'] : undefined;
  return {
    body: stringOrUndefined(body),
    callback: stringOrUndefined(callback) ?? 'unknown',
    key: stringOrUndefined(key),
    digest: stringOrUndefined(digest) ?? '',
    url: (isJsonObject(request) ? stringOrUndefined(request['url']) : undefined) ?? 'unknown',
    context: jobContextOf(stringOrUndefined(context)),
  };
}

function jobContextOf(context: string | undefined): { context?: JsonValue } {
  try {
    return contextOf(context === undefined ? {} : { context });
  } catch {
    return {};
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function stringOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
