import type { ContractIssue } from '../errors/callback-contract.error.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { shapeOf } from './render-request.js';
import type { CallbackRequest } from './render-request.js';
import { headerIssue } from './write-parameters.js';

/** What every request may have. */
const USUAL_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type']);

/** What a stored request has that its operation could not have rendered: its method, and its header fields. */
export function requestIssues(operation: ReceiverOperation, { method, headers }: CallbackRequest): ContractIssue[] {
  const { httpMethod, declared, parameterNames } = shapeOf(operation);
  // `@Headers() all` can have any name.
  const isOpen = declared.some(({ source, name }) => source === 'header' && name === undefined);
  const isKnown = (name: string) => isOpen || USUAL_HEADERS.has(name) || parameterNames.header.has(name);
  return [
    ...(method === httpMethod ? [] : [{ path: 'request.method', message: `must be ${httpMethod}` }]),
    ...Object.entries(headers).flatMap(([name, value]): ContractIssue[] => {
      // The name of a stranger's header can be anything.
      if (!isKnown(name))
        return [{ path: 'request.headers', message: 'has a header that the handler does not declare' }];
      return headerIssue([name, value]);
    }),
  ];
}
