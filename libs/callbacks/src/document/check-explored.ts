import { placeOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import type { CallbackProblem } from '../contract/callback-problem.js';
import { isExcludedEndpoint } from '../contract/route-metadata.js';
import type { CallbackGraph } from './callback-graph.js';
import type { ExploredOperations } from './explore-operations.js';
import type { ProblemList } from './problem-list.js';

/** Checks that every operation that was to be explored came out, unless the user excludes it: none is lost in silence. */
export function checkExplored(
  operations: readonly ReceiverOperation[],
  { operations: explored }: ExploredOperations,
  openapi: string,
  graph: CallbackGraph,
  problems: ProblemList,
): void {
  for (const operation of operations) {
    if (explored.has(operation) || isExcludedEndpoint(operation.method)) continue;
    const problem = operation.httpMethod === 'query' ? queryNeeds32(operation, openapi) : notDocumented(operation);
    const users = graph.usersOf(operation);
    if (users.length === 0) problems.add(problem);
    for (const title of users) problems.add(problem, title);
  }
}

function queryNeeds32(operation: ReceiverOperation, openapi: string): CallbackProblem {
  return {
    code: 'unsupported-method',
    place: placeOf(operation),
    message: `It is sent with QUERY, which OpenAPI knows since 3.2; the document is of OpenAPI ${openapi}.`,
    fix: "Use new DocumentBuilder().setOpenAPIVersion('3.2.0'), or send it with @Post().",
  };
}

function notDocumented(operation: ReceiverOperation): CallbackProblem {
  return {
    code: 'not-documented',
    place: placeOf(operation),
    message: '@nestjs/swagger wrote no operation for it, because of a decorator that moves or hides operations.',
    fix: 'Take that decorator off the method, or hide the callback on purpose with @ApiExcludeEndpoint().',
  };
}
