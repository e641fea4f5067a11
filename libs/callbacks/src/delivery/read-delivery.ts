import { hasHost } from '../expression/parse-url.js';
import { isJsonObject } from '../expression/json.js';
import { CallbackContractError } from '../errors/contract.errors.js';
import type { ContractIssue } from '../errors/contract.errors.js';
import { FORMAT_VERSION, digestOf, isDeliveryId } from './callback-delivery.js';
import type { PreparedCallback, CallbackDelivery } from './callback-delivery.js';
import { retryIssue, timeoutIssue } from '../metadata/delivery-options.js';

/** For values that are written in single log lines. */
const ONE_LINE = /^\P{Cc}+$/u;

/**
 * Reads a stored result of `prepare()`.
 *
 * @throws CallbackContractError with every part that is wrong.
 */
export function readPreparedCallback(given: unknown): PreparedCallback {
  if (typeof given === 'string') {
    const message = 'must be an object, but is a string. Fix: submit(JSON.parse(delivery))';
    throw new CallbackContractError('A delivery', [{ path: '', message }]);
  }
  const issues = deliveryIssues(given);
  // Without issues, it has this type.
  if (issues.length === 0) return given as PreparedCallback;
  const { callback } = objectOf(given);
  throw new CallbackContractError(isOneLine(callback) ? callback : 'A delivery', [
    ...issues,
    { path: '', message: 'pass the result of prepare() unchanged' },
  ]);
}

/** Returns what is wrong with a value that should be a result of `prepare()`. */
function deliveryIssues(given: unknown): ContractIssue[] {
  const delivery = objectOf(given);
  if (delivery['status'] === 'skipped') return [];
  const request = objectOf(delivery['request']);
  const { retry, timeout, expiresAt } = delivery;
  const checks: [path: string, isRight: boolean, message: string][] = [
    ['status', delivery['status'] === 'prepared', 'must be "prepared" or "skipped"'],
    ['version', delivery['version'] === FORMAT_VERSION, `must be ${FORMAT_VERSION}`],
    ['id', isDeliveryId(delivery['id']), 'must be printable ASCII without a dot'],
    ['callback', isOneLine(delivery['callback']), 'must be the qualified name of a handler'],
    ['key', isOptional(delivery['key'], isString), 'must be a string, or absent'],
    ['context', isOptional(delivery['context'], isJson), 'must be a JSON string, or absent'],
    [
      'receiver',
      isOneLine(delivery['receiver']) && isHttpUrl(delivery['receiver']),
      'must be the base URL of the receiver',
    ],
    ['digest', isOneLine(delivery['digest']), 'must be a string'],
    [
      'timeout',
      isOptional(timeout, (value) => timeoutIssue(value) === undefined),
      'must be a number of milliseconds, or absent',
    ],
    ['retry', isOptional(retry, (value) => retryIssue(value) === undefined), 'must be { schedule, jitter }, or absent'],
    ['expiresAt', isOptional(expiresAt, isPositive), 'must be a number of milliseconds, or absent'],
    ['trace', isOptional(delivery['trace'], isString), 'must be a W3C traceparent, or absent'],
    ['request.method', isString(request['method']), 'must be a string'],
    ['request.url', isHttpUrl(request['url']), 'must be an absolute http: or https: URL'],
    [
      'request.headers',
      isJsonObject(request['headers']) && Object.values(request['headers']).every(isString),
      'must be an object of strings',
    ],
    [
      'request.bodyEncoding',
      isOptional(request['bodyEncoding'], (value) => value === 'base64'),
      'must be "base64", or absent',
    ],
    ['request.body', isOptional(request['body'], isString), 'must be a string, or absent'],
  ];
  return checks.flatMap(([path, isRight, message]) => (isRight ? [] : [{ path, message }]));
}

/** Whether a URL has a host. The egress guard decides whether it may be called. */
function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && hasHost(value);
}

function isOptional(value: unknown, isRight: (value: unknown) => boolean): boolean {
  return value === undefined || isRight(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isJson(value: unknown): boolean {
  try {
    return typeof value === 'string' && (JSON.parse(value), true);
  } catch {
    return false;
  }
}

function isOneLine(value: unknown): value is string {
  return typeof value === 'string' && ONE_LINE.test(value);
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}

function objectOf(value: unknown): Record<string, unknown> {
  return isJsonObject(value) ? value : {};
}

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
