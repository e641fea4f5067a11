import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import type { CallbackGraph, CallbackNode } from '../link/callback-graph.js';
import { checkExpressions } from './check-expressions.js';
import { DeclaredExchange } from '../../openapi/declared-exchange.js';
import type { LinkedOperation } from '../link/link-operations.js';
import type { OperationObject } from '../../openapi/openapi-types.js';
import { Resolver } from '../../openapi/resolve-reference.js';
import type { ProblemList } from '../../errors/callback-problem.js';

/**
 * Checks every expression against the operation that triggers its callback: an operation of the API, or an operation of
 * the receiver that has callbacks itself.
 */
export function checkLinks(
  operations: readonly LinkedOperation[],
  graph: CallbackGraph,
  explored: ReadonlyMap<ReceiverOperation, OperationObject>,
  document: Resolver['document'],
  problems: ProblemList,
): void {
  const ofApi = new Resolver(document);
  // The security of the API does not apply to the receiver's operations.
  const ofReceivers = new Resolver({ components: document.components ?? {} });
  for (const operation of operations) {
    check(operation.nodes, operation.title, new DeclaredExchange(operation, ofApi, operation.linked));
  }
  for (const [receiver, operation] of explored) {
    const nodes = graph.nestedIn(receiver);
    if (nodes.length === 0) continue;
    const title = qualifiedNameOf(receiver);
    const { callbacks: controller, methodName } = receiver;
    const linked = { controller, methodName };
    const exchange = new DeclaredExchange({ operation, title, item: {} }, ofReceivers, linked);
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
