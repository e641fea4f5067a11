import type { ReceiverOperation } from './callback-contract.js';
import { declaredParametersOf } from '../metadata/route-arguments.js';

/** A required parameter. */
export interface RequiredParameter {
  readonly source: 'query' | 'header';
  readonly name: string;
}

/**
 * Returns the query parameters and headers that are required in the document: those that the handler takes by name,
 * unless `@ApiQuery()` or `@ApiHeader()` says `required: false`, and those that only these decorators declare as
 * required. The class of a whole query or of all headers checks the rest.
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

/** Returns the parameters that are missing among the given names. Header names are given in lower case. */
export function missingParameters(
  required: readonly RequiredParameter[],
  given: Readonly<Record<RequiredParameter['source'], ReadonlySet<string>>>,
): RequiredParameter[] {
  return required.filter(({ source, name }) => !given[source].has(source === 'header' ? name.toLowerCase() : name));
}

function parameterKeyOf(source: string, name: string): string {
  return `${source} ${source === 'header' ? name.toLowerCase() : name}`;
}
