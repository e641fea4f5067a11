import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import type { CallbackProblem, ProblemList } from '../../errors/callback-problem.js';
import { isExcludedEndpoint } from '../../metadata/route-metadata.js';
import type { CheckedPart } from '../../openapi/check-references.js';
import type { CallbackGraph } from '../link/callback-graph.js';
import type { ExploredOperations } from '../explore/explore-operations.js';
import type { OperationObject } from '../../openapi/openapi-types.js';

/** The headers that parameters cannot describe, and the decorators that can. `Authorization` is a security scheme. */
const IGNORED_HEADERS: ReadonlyMap<string, string> = new Map([
  ['accept', '@ApiProduces()'],
  ['content-type', '@ApiConsumes()'],
]);

/** Checks that every operation was explored, unless it is excluded, so that none is lost silently. */
export function checkExplored(
  operations: readonly ReceiverOperation[],
  { operations: explored }: ExploredOperations,
  openapi: string,
  graph: CallbackGraph,
  problems: ProblemList,
): void {
  for (const operation of operations) {
    const problem = problemOf(operation, explored.get(operation), openapi);
    if (problem) problems.add(problem, graph.usersOf(operation));
  }
}

/** The operations of callback and webhook classes. */
export function exploredParts(
  explored: ReadonlyMap<ReceiverOperation, OperationObject>,
  graph: CallbackGraph,
): CheckedPart[] {
  return [...explored].map(([operation, value]) => {
    const place = qualifiedNameOf(operation);
    const fixOfModel = (name: string) => `Put @ApiExtraModels(${name}) on ${place}.`;
    return { place, value, linkedFrom: graph.usersOf(operation), fixOfModel };
  });
}

function problemOf(
  operation: ReceiverOperation,
  written: OperationObject | undefined,
  openapi: string,
): CallbackProblem | undefined {
  if (!written) {
    if (isExcludedEndpoint(operation.method)) return undefined;
    return operation.httpMethod === 'query' ? queryNeeds32(operation, openapi) : notDocumented(operation);
  }
  const names = (written.parameters ?? []).flatMap((parameter) =>
    'name' in parameter && parameter.in === 'header' ? parameter.name : [],
  );
  const ignored = names.find((name) => IGNORED_HEADERS.has(name.toLowerCase()));
  return ignored === undefined ? undefined : ignoredHeader(operation, ignored);
}

function ignoredHeader(operation: ReceiverOperation, name: string): CallbackProblem {
  return {
    code: 'ignored-header',
    place: qualifiedNameOf(operation),
    message: `It declares the header ${name}, but OpenAPI ignores a parameter of this name in favour of media types.`,
    fix: `Remove the header, and declare the media types with ${IGNORED_HEADERS.get(name.toLowerCase())}.`,
  };
}

function queryNeeds32(operation: ReceiverOperation, openapi: string): CallbackProblem {
  return {
    code: 'unsupported-method',
    place: qualifiedNameOf(operation),
    message: `It is sent with QUERY, which needs OpenAPI 3.2, but the document uses OpenAPI ${openapi}.`,
    fix: "Use new DocumentBuilder().setOpenAPIVersion('3.2.0'), or send it with @Post().",
  };
}

function notDocumented(operation: ReceiverOperation): CallbackProblem {
  return {
    code: 'not-documented',
    place: qualifiedNameOf(operation),
    message:
      '@nestjs/swagger did not write an operation for it, because of a decorator that moves or hides operations.',
    fix: 'Remove that decorator from the method, or hide the callback on purpose with @ApiExcludeEndpoint().',
  };
}
