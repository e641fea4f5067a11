import type { OpenAPIObject } from '@nestjs/swagger';
import type { OperationObject } from '../openapi/openapi-types.js';
import { resolveReference } from '../openapi/resolve-reference.js';

interface Link {
  readonly operationId?: string;
  readonly operationRef?: string;
}

/** An operation without the links of its responses that lead to operations which the receiver does not have. */
export function pruneLinks(
  operation: OperationObject,
  operationIds: ReadonlySet<string | undefined>,
  document: OpenAPIObject,
): OperationObject {
  const isKept = (value: unknown) => {
    const { operationId, operationRef } = (resolveReference(value, document) ?? {}) as Link;
    return operationId === undefined ? operationRef?.startsWith('#') === false : operationIds.has(operationId);
  };
  const responses = Object.entries(operation.responses ?? {}).map(([status, response]) => {
    const { links, ...rest } = (resolveReference(response, document) ?? {}) as { links?: Record<string, unknown> };
    const all = Object.entries(links ?? {});
    const kept = all.filter(([, link]) => isKept(link));
    if (kept.length === all.length) return [status, response];
    return [status, kept.length === 0 ? rest : { ...rest, links: Object.fromEntries(kept) }];
  });
  return responses.length === 0 ? operation : { ...operation, responses: Object.fromEntries(responses) };
}
