import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import type { CheckedPart } from '../../openapi/check-references.js';
import type { OperationObject } from '../../openapi/openapi-types.js';
import type { CallbackGraph } from '../link/callback-graph.js';

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
