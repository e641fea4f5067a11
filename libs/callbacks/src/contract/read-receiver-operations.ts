import type { CallbackClass } from './callback-class.js';
import { placeOf } from './callback-contract.js';
import type { ReceiverOperation } from './callback-contract.js';
import type { CallbackProblem } from './callback-problem.js';
import { linksOf } from './metadata.js';
import { declaredPathParametersOf, routeArgumentsOf } from './route-arguments.js';
import { httpMethodOf, pathsOf, routeMethodsOf } from './route-metadata.js';
import type { Method } from './route-metadata.js';

/** The methods of a path item that Nest can write. `query` is one since OpenAPI 3.2. */
const PATH_ITEM_METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'query'];

/** What a class holds of operations, and what is wrong with them. */
export interface ReadOperations<Operation> {
  readonly methodNames: readonly string[];
  readonly operations: readonly Operation[];
  readonly problems: readonly CallbackProblem[];
}

/**
 * Reads every route method of a class. `complete` makes the operation of what all kinds of them have and of the
 * method's path, or says what is wrong.
 */
export function readReceiverOperations<Operation extends ReceiverOperation>(
  callbacks: CallbackClass,
  complete: (operation: ReceiverOperation, path: string) => Operation | CallbackProblem,
): ReadOperations<Operation> {
  const operations: Operation[] = [];
  const problems: CallbackProblem[] = [];
  const methods = routeMethodsOf(callbacks.prototype as object);
  for (const [methodName, method] of methods) {
    const read = readReceiverOperation(callbacks, methodName, method);
    const result = 'code' in read ? read : complete(read.operation, read.path);
    if ('code' in result) problems.push(result);
    else operations.push(result);
  }
  if (methods.size === 0) problems.push(noOperations(callbacks));
  return { methodNames: [...methods.keys()], operations, problems };
}

function readReceiverOperation(
  callbacks: CallbackClass,
  methodName: string,
  method: Method,
): { operation: ReceiverOperation; path: string } | CallbackProblem {
  const place = placeOf({ callbacks, methodName });
  const httpMethod = httpMethodOf(method);
  if (!PATH_ITEM_METHODS.includes(httpMethod)) {
    return {
      code: 'unsupported-method',
      place,
      message: `${httpMethod.toUpperCase()} is no method that a callback can be sent with.`,
      fix: "Use @Post(), or another of Nest's HTTP method decorators that OpenAPI knows.",
    };
  }
  const paths = pathsOf(method);
  if (paths.length !== 1) {
    const message = `It has ${paths.length} paths (${paths.join(', ')}), and a callback is sent to one URL.`;
    return { code: 'several-urls', place, message, fix: 'Write one method for each URL.' };
  }
  const parameters = pathParametersOf(callbacks, methodName, method);
  if (parameters.length > 0) {
    return {
      code: 'path-parameter',
      place,
      message: `It takes ${parameters.join(', ')} from the path with @Param() or @ApiParam(), and the path of a callback has no parameters.`,
      fix: 'Take the parameter away, and write its value into the URL as a runtime expression such as {$request.body#/id}.',
    };
  }
  const clash = bodyClashOf(callbacks, methodName);
  if (clash !== undefined) {
    const fix = "Take the body once: as a whole with @Body(), or each of its properties with one @Body('name').";
    return { code: 'several-bodies', place, message: `It takes ${clash}, and one request has one body.`, fix };
  }
  return { operation: { callbacks, method, methodName, httpMethod, links: linksOf(method) }, path: paths[0]! };
}

/** What two arguments of a method both claim of the body, if they do: one of them would not be sent. */
function bodyClashOf(callbacks: CallbackClass, methodName: string): string | undefined {
  const bodies = routeArgumentsOf(callbacks, methodName).filter(({ source }) => source === 'body');
  const names = bodies.map(({ name }) => (name === undefined ? '@Body()' : `@Body('${name}')`));
  const isClash = new Set(names).size < names.length || (names.includes('@Body()') && names.length > 1);
  return isClash ? names.join(' and ') : undefined;
}

function pathParametersOf(callbacks: CallbackClass, methodName: string, method: Method): string[] {
  const taken = routeArgumentsOf(callbacks, methodName).filter(({ source }) => source === 'path');
  return [
    ...new Set([...taken.map(({ name = 'all parameters' }) => name), ...declaredPathParametersOf(callbacks, method)]),
  ];
}

function noOperations(callbacks: CallbackClass): CallbackProblem {
  const message = 'The class has no operation.';
  const fix = 'Give it a method with an HTTP method decorator, such as @Post().';
  return { code: 'no-operations', place: callbacks.name, message, fix };
}
