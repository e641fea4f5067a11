import type { ContractIssue } from '../errors/contract.errors.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { requestShapeOf } from './render-request.js';
import type { CallbackRequest } from './render-request.js';
import { headerIssue } from './write-parameters.js';

/** The headers that every request may have. */
const USUAL_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type']);

/** Returns what a stored request has that its operation could not have rendered: its HTTP method or header fields. */
export function requestIssues(operation: ReceiverOperation, { method, headers }: CallbackRequest): ContractIssue[] {
  const { httpMethod, declared, parameterNames } = requestShapeOf(operation);
  // `@Headers() all` accepts any name.
  const isOpen = declared.some(({ source, name }) => source === 'header' && name === undefined);
  const isKnown = (name: string) => isOpen || USUAL_HEADERS.has(name) || parameterNames.header.has(name);
  return [
    ...(method === httpMethod ? [] : [{ path: 'request.method', message: `must be ${httpMethod}` }]),
    ...Object.entries(headers).flatMap(([name, value]): ContractIssue[] => {
      // The name is left out, since it could be anything.
      if (!isKnown(name))
        return [{ path: 'request.headers', message: 'has a header that the handler does not declare' }];
      return headerIssue([name, value]);
    }),
  ];
}
