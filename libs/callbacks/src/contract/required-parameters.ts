import type { ReceiverOperation } from './callback-contract.js';
import { declaredParametersOf } from '../metadata/route-arguments.js';

/** A parameter that no request may leave out. */
export interface RequiredParameter {
  readonly source: 'query' | 'header';
  readonly name: string;
}

/**
 * The query parameters and headers that the document says a request has to have: those that the method takes by their
 * names, unless `@ApiQuery()` or `@ApiHeader()` says `required: false`, and those that only these declare, where they
 * are required. What is taken as a whole is checked by its class.
 */
export function requiredParametersOf({ callbacks, method, arguments: taken }: ReceiverOperation): RequiredParameter[] {
  const parameters = new Map<string, RequiredParameter>();
  for (const { source, name } of taken) {
    if (name !== undefined && (source === 'query' || source === 'header')) {
      parameters.set(parameterKeyOf(source, name), { source, name });
    }
  }
  for (const { in: source, name, required } of declaredParametersOf(callbacks, method)) {
    if (name === undefined || (source !== 'query' && source !== 'header')) continue;
    if (required === false) parameters.delete(parameterKeyOf(source, name));
    else if (required) parameters.set(parameterKeyOf(source, name), { source, name });
  }
  return [...parameters.values()];
}

/** Those that are not among the given names; names of headers are given in lower case. */
export function missingParameters(
  required: readonly RequiredParameter[],
  given: Readonly<Record<RequiredParameter['source'], ReadonlySet<string>>>,
): RequiredParameter[] {
  return required.filter(({ source, name }) => !given[source].has(source === 'header' ? name.toLowerCase() : name));
}

function parameterKeyOf(source: string, name: string): string {
  return `${source} ${source === 'header' ? name.toLowerCase() : name}`;
}
