import { CallbackContractError } from '../contract/callback-contract.error.js';
import type { ContractIssue } from '../contract/callback-contract.error.js';
import type { PreparedCallback } from './callback-delivery.js';

/** A dot would let a part of the id pass as the timestamp of a signature. */
const ID = /^[\x21-\x2d\x2f-\x7e]{1,255}$/;

/** A name that a log can hold in one line. */
const NAME = /^\P{Cc}+$/u;

/** Whether a text can be the id of a delivery. */
export function isDeliveryId(id: unknown): id is string {
  return typeof id === 'string' && ID.test(id);
}

/**
 * Refuses what `prepare()` did not give: a delivery may have been stored anywhere in between.
 *
 * @throws CallbackContractError with every part that is wrong.
 */
export function checkDelivery(given: unknown): asserts given is PreparedCallback {
  if (typeof given === 'string') {
    const message = 'must be an object, and is a string. Fix: give submit() what JSON.parse() makes of it';
    throw new CallbackContractError('A delivery', [{ path: '', message }]);
  }
  const delivery = objectOf(given);
  if (delivery['status'] === 'skipped') return;
  const request = objectOf(delivery['request']);
  const isText = (value: unknown) => typeof value === 'string';
  const isName = (value: unknown) => typeof value === 'string' && NAME.test(value);
  const checks: [path: string, isRight: boolean, message: string][] = [
    ['status', delivery['status'] === 'prepared', 'must be "prepared" or "skipped"'],
    ['id', isDeliveryId(delivery['id']), 'must be printable ASCII without a dot'],
    ['callback', isName(delivery['callback']), 'must be the name of a callback'],
    ['key', delivery['key'] === undefined || isText(delivery['key']), 'must be a string, or left away'],
    ['request.method', isText(request['method']), 'must be a string'],
    ['request.url', isHttpUrl(request['url']), 'must be an absolute URL of http: or https:'],
    [
      'request.headers',
      isObject(request['headers']) && Object.values(request['headers']).every(isText),
      'must be an object of strings',
    ],
    [
      'request.bodyEncoding',
      request['bodyEncoding'] === undefined || request['bodyEncoding'] === 'base64',
      'must be "base64", or left away',
    ],
    ['request.body', request['body'] === undefined || isText(request['body']), 'must be a string, or left away'],
  ];
  const issues = checks.flatMap(([path, isRight, message]): ContractIssue[] => (isRight ? [] : [{ path, message }]));
  if (issues.length === 0) return;
  throw new CallbackContractError(isName(delivery['callback']) ? (delivery['callback'] as string) : 'A delivery', [
    ...issues,
    { path: '', message: 'give what prepare() gave, unchanged' },
  ]);
}

/** Whether it has a host to be sent to: whether it may be called back is for the egress guard to say. */
function isHttpUrl(value: unknown): boolean {
  try {
    return typeof value === 'string' && /^https?:\/\//i.test(value) && new URL(value).host !== '';
  } catch {
    return false;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
