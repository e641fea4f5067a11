import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { describeIssues } from '../errors/contract.errors.js';
import type { ContractIssue } from '../errors/contract.errors.js';
import type { CallbackContract, WebhookContract } from '../contract/callback-contract.js';
import { matchOperations } from './match-operations.js';
import type { AcceptedOperation } from './match-operations.js';
import { readArguments } from './read-arguments.js';
import type { RefusedRequest } from './inbox.js';
import type { WireRequest } from './wire-messages.js';
import { SIGNATURE_HEADERS } from '../contract/request-arguments.js';
import { signDelivery } from '../delivery/signing.js';

/** Why a request is rejected. */
export type Refusal = Pick<RefusedRequest, 'statusCode' | 'message' | 'issues'>;

/** The operation and the arguments of a request, or why it is rejected. */
export type Verdict =
  | { readonly operation: AcceptedOperation; readonly args: readonly unknown[] }
  | { readonly refusal: Refusal };

/** What a receiver expects of requests. */
export interface Expectations {
  readonly contract: CallbackContract | WebhookContract;
  /** The received operations: all or some of the contract. */
  readonly operations: readonly AcceptedOperation[];
  /** The accepted secrets; empty if signatures are not checked. */
  readonly secrets: readonly string[];
}

/** Finds the callback that a request is, with the checks in the order of a server. */
export async function checkRequest(expectations: Expectations, request: WireRequest): Promise<Verdict> {
  if (request.isTooLong) return rejection(413, 'The body is longer than a megabyte.');
  const candidates = matchOperations(expectations.operations, request.method, request.target);
  if (candidates.length === 0) return rejection(404, describeUnknown(expectations));
  const unsigned =
    expectations.secrets.length === 0 ? undefined : signatureIssue(request.headers, request.body, expectations.secrets);
  if (unsigned !== undefined) return rejection(401, unsigned);
  // If several operations have similar URLs, take the one that the rest of the request matches.
  const read = await Promise.all(
    candidates.map(async (operation) => ({ operation, ...(await readArguments(operation, request)) })),
  );
  const [fitting, ...others] = read.filter((one) => 'args' in one);
  if (fitting && others.length === 0) return fitting;
  if (fitting) return rejection(404, describeAmbiguous([fitting, ...others].map(({ operation }) => operation)));
  const unfit = read.filter((one) => 'issues' in one);
  const reasons = unfit.map(
    ({ operation, issues }) => `The request does not match ${operation.methodName}: ${describeIssues(issues)}.`,
  );
  return rejection(
    400,
    reasons.join(' '),
    unfit.flatMap(({ issues }) => issues),
  );
}

function rejection(statusCode: number, message: string, issues: readonly ContractIssue[] = []): Verdict {
  return { refusal: { statusCode, message, issues } };
}

function describeUnknown({ contract, operations }: Expectations): string {
  const documented = operations.map(
    (operation) =>
      `${operation.httpMethod.toUpperCase()} ${'webhook' in operation ? operation.webhook : operation.urlText}`,
  );
  return `The request is not one of the ${operations.some((operation) => 'webhook' in operation) ? 'webhooks' : 'callbacks'} of ${contract.callbacks.name}: ${documented.join(', ')}.`;
}

function describeAmbiguous(operations: readonly AcceptedOperation[]): string {
  const names = operations.map(({ methodName }) => methodName);
  return `The request matches several callbacks with similar URLs: ${names.join(', ')}. Fix: use one receiver for each, { only: ['${names[0]}'] }.`;
}

/** The largest difference between a timestamp and now, in seconds, as in the Standard Webhooks libraries. */
const TOLERANCE_SECONDS = 5 * 60;

/**
 * Returns why a request is not signed by one of the secrets, as a sentence, or `undefined` if it is.
 *
 * @param secrets - `whsec_` secrets. One valid signature is enough.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signatureIssue(
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  secrets: readonly string[],
): string | undefined {
  const [id, timestamp, given] = SIGNATURE_HEADERS.map((name) => headers[name]);
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof given !== 'string') {
    return 'The request is not signed: it must have webhook-id, webhook-timestamp and webhook-signature.';
  }
  if (!/^\d+$/.test(timestamp)) return 'The webhook-timestamp must be in whole seconds since 1970.';
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    return 'The webhook-timestamp is more than five minutes in the past or the future.';
  }
  try {
    const expected = signDelivery({ id, timestamp: Number(timestamp), body, secrets })['webhook-signature'].split(' ');
    const isSigned = given.split(' ').some((signature) => expected.some((right) => isSame(signature, right)));
    return isSigned ? undefined : 'The webhook-signature does not match any of the secrets.';
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
