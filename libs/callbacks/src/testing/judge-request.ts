import type { ContractIssue } from '../errors/callback-contract.error.js';
import { describeIssues } from '../errors/callback-contract.error.js';
import type { CallbackContract, WebhookContract } from '../contract/callback-contract.js';
import { matchOperations } from './match-operations.js';
import type { SentOperation } from './match-operations.js';
import { readArguments } from './read-arguments.js';
import type { RefusedRequest } from './received-callback.js';
import { signatureIssue } from './signature-issue.js';
import type { WireRequest } from './wire-request.js';

/** Why a request is no callback of the class. */
export type Refusal = Pick<RefusedRequest, 'statusCode' | 'message' | 'issues'>;

/** A request that is a callback of the class, with the arguments that its sender gave, or why it is none. */
export type Verdict =
  { readonly operation: SentOperation; readonly args: readonly unknown[] } | { readonly refusal: Refusal };

/** What requests are checked against. */
export interface Law {
  readonly contract: CallbackContract | WebhookContract;
  /** The operations that are received: all of the contract, or some. */
  readonly operations: readonly SentOperation[];
  /** The secrets of which one has to have signed a request; none where signatures are not looked at. */
  readonly secrets: readonly string[];
}

/** Says of a request which callback it is, in the order in which a server would find out. */
export async function judgeRequest(law: Law, request: WireRequest): Promise<Verdict> {
  if (request.isTooLong) return refuse(413, 'Its body is longer than a megabyte.');
  const candidates = matchOperations(law.operations, request.method, request.target);
  if (candidates.length === 0) return refuse(404, documentedBy(law));
  const unsigned = law.secrets.length === 0 ? undefined : signatureIssue(request.headers, request.body, law.secrets);
  if (unsigned !== undefined) return refuse(401, unsigned);
  // Of several with URLs that look alike, the one that the rest of the request fits.
  const read = await Promise.all(
    candidates.map(async (operation) => ({ operation, ...(await readArguments(operation, request)) })),
  );
  const [fitting, ...others] = read.filter((one) => 'args' in one);
  if (fitting && others.length === 0) return fitting;
  if (fitting) return refuse(404, tellApart([fitting, ...others].map(({ operation }) => operation)));
  const unfit = read.filter((one) => 'issues' in one);
  const reasons = unfit.map(
    ({ operation, issues }) => `It does not fit ${operation.methodName}: ${describeIssues(issues)}.`,
  );
  return refuse(
    400,
    reasons.join(' '),
    unfit.flatMap(({ issues }) => issues),
  );
}

function refuse(statusCode: number, message: string, issues: readonly ContractIssue[] = []): Verdict {
  return { refusal: { statusCode, message, issues } };
}

function documentedBy({ contract, operations }: Law): string {
  const documented = operations.map(
    (operation) =>
      `${operation.httpMethod.toUpperCase()} ${'webhook' in operation ? operation.webhook : operation.urlText}`,
  );
  return `It is none of the ${operations.some((operation) => 'webhook' in operation) ? 'webhooks' : 'callbacks'} of ${contract.callbacks.name}: ${documented.join(', ')}.`;
}

function tellApart(operations: readonly SentOperation[]): string {
  const names = operations.map(({ methodName }) => methodName);
  return `It can be any of ${names.join(', ')}, whose URLs look alike. Fix: one receiver for each, { only: ['${names[0]}'] }.`;
}
