import type { OpenAPIObject } from '@nestjs/swagger';
import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import type { CallbackGraph, CallbackNode } from '../link/callback-graph.js';
import { checkExpressions } from './check-expressions.js';
import { DeclaredExchange } from '../../openapi/declared-exchange.js';
import type { LinkedOperation } from '../link/link-operations.js';
import type { OperationObject } from '../../openapi/openapi-types.js';
import type { ProblemList } from '../../errors/callback-problem.js';

/**
 * Checks every expression against the operation that leads to its callback: an operation of the API, or one of the
 * receiver's that has callbacks of its own.
 */
export function checkLinks(
  operations: readonly LinkedOperation[],
  graph: CallbackGraph,
  explored: ReadonlyMap<ReceiverOperation, OperationObject>,
  document: Pick<OpenAPIObject, 'components' | 'security'>,
  problems: ProblemList,
): void {
  for (const operation of operations) {
    check(operation.nodes, operation.title, new DeclaredExchange(operation, document, operation.linked));
  }
  for (const [receiver, operation] of explored) {
    const nodes = graph.nestedIn(receiver);
    if (nodes.length === 0) continue;
    const title = qualifiedNameOf(receiver);
    const { callbacks: controller, methodName } = receiver;
    // The security of the API does not apply to the receiver's operations.
    const surroundings = { components: document.components ?? {} };
    const linked = { controller, methodName };
    const exchange = new DeclaredExchange({ operation, title, item: {} }, surroundings, linked);
    check(nodes, title, exchange);
  }

  function check(nodes: readonly CallbackNode[], title: string, exchange: DeclaredExchange): void {
    for (const node of nodes) {
      for (const operation of node.operations) {
        checkExpressions(operation, title, exchange, (problem) => problems.add(problem, title));
      }
    }
  }
}
