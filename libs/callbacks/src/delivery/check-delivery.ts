import { CallbackContractError } from '../contract/callback-contract.error.js';
import type { ContractIssue } from '../contract/callback-contract.error.js';
import type { PreparedCallback } from './callback-delivery.js';

/** A dot would let a part of the id pass as the timestamp of a signature. */
const ID = /^[\x21-\x2d\x2f-\x7e]{1,255}$/;

/**
 * Refuses what `prepare()` did not give: a delivery may have been stored anywhere in between.
 *
 * @throws CallbackContractError with every part that is wrong.
 */
export function checkDelivery(given: PreparedCallback): void {
  const delivery = objectOf(given);
  if (delivery['status'] === 'skipped') return;
  const request = objectOf(delivery['request']);
  const isText = (value: unknown) => typeof value === 'string';
  const checks: [path: string, isRight: boolean, message: string][] = [
    ['status', delivery['status'] === 'prepared', 'must be "prepared" or "skipped"'],
    ['id', isText(delivery['id']) && ID.test(delivery['id'] as string), 'must be printable ASCII without a dot'],
    ['callback', isText(delivery['callback']), 'must be a string'],
    ['key', delivery['key'] === undefined || isText(delivery['key']), 'must be a string, or left away'],
    ['request.method', isText(request['method']), 'must be a string'],
    ['request.url', isText(request['url']), 'must be a string'],
    ['request.headers', Object.values(objectOf(request['headers'])).every(isText), 'must be an object of strings'],
    ['request.body', request['body'] === undefined || isText(request['body']), 'must be a string, or left away'],
  ];
  const issues = checks.flatMap(([path, isRight, message]): ContractIssue[] => (isRight ? [] : [{ path, message }]));
  if (issues.length === 0) return;
  throw new CallbackContractError(isText(delivery['callback']) ? (delivery['callback'] as string) : 'A delivery', [
    ...issues,
    { path: '', message: 'give what prepare() gave, unchanged' },
  ]);
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
