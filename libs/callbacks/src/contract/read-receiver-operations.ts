import type { CallbackClass } from '../metadata/callback-metadata.js';
import { qualifiedNameOf } from './callback-contract.js';
import type { BodyArguments, ReceiverContract, ReceiverOperation } from './callback-contract.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { linksOf } from '../metadata/callback-metadata.js';
import { bodyArgumentsOf } from './request-arguments.js';
import { declaredPathParametersOf, routeArgumentsOf } from '../metadata/route-arguments.js';
import { httpMethodOf, pathsOf, routeMethodsOf, unreachableMethodsOf } from '../metadata/route-metadata.js';
import type { Method } from '../metadata/route-metadata.js';

/** The HTTP methods of a path item that Nest has decorators for. `query` is one since OpenAPI 3.2. */
const PATH_ITEM_METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'query'];

/** The name of a `@Param()` without a name, in messages. */
const ALL_PARAMETERS = 'all parameters';

/**
 * Reads every handler of a class.
 *
 * @param complete - adds what only callbacks or webhooks have, or returns a problem.
 */
export function readReceiverOperations<Operation extends ReceiverOperation>(
  callbacks: CallbackClass,
  complete: (operation: ReceiverOperation, path: string) => Operation | CallbackProblem,
): Pick<ReceiverContract<Operation>, 'methodNames' | 'operations' | 'problems'> {
  const operations: Operation[] = [];
  const problems: CallbackProblem[] = [];
  const methods = routeMethodsOf(callbacks.prototype as object);
  for (const [methodName, method] of methods) {
    const read = readReceiverOperation(callbacks, methodName, method);
    const result = 'code' in read ? read : complete(read.operation, read.path);
    if ('code' in result) problems.push(result);
    else operations.push(result);
  }
  const unreachable = unreachableMethodsOf(callbacks);
  problems.push(...unreachable.map((methodName) => unreachableHandler(callbacks, methodName)));
  if (methods.size === 0 && unreachable.length === 0) problems.push(noOperations(callbacks));
  return { methodNames: [...methods.keys()], operations, problems };
}

function readReceiverOperation(
  callbacks: CallbackClass,
  methodName: string,
  method: Method,
): { operation: ReceiverOperation; path: string } | CallbackProblem {
  const place = qualifiedNameOf({ callbacks, methodName });
  const httpMethod = httpMethodOf(method);
  if (!PATH_ITEM_METHODS.includes(httpMethod)) {
    return {
      code: 'unsupported-method',
      place,
      message: `A callback cannot be sent with the HTTP method ${httpMethod.toUpperCase()}.`,
      fix: 'Use @Post(), @Put(), @Patch(), @Delete(), @Get(), @Head() or @Options().',
    };
  }
  const paths = pathsOf(method);
  if (paths.length !== 1) {
    const message = `It has ${paths.length} paths (${paths.join(', ')}), but a callback is sent to one URL.`;
    return { code: 'several-urls', place, message, fix: 'Write one method for each URL.' };
  }
  const handler = { callbacks, method, methodName, httpMethod, links: linksOf(method) };
  const given = { ...handler, arguments: routeArgumentsOf(callbacks, methodName) };
  const operation = { ...given, body: bodyArgumentsOf(given) };
  const bodies = conflictingBodies(operation.body);
  if (bodies !== undefined) {
    return {
      code: 'several-bodies',
      place,
      message: `It takes ${bodies}, but a request has one body.`,
      fix: "Take either the whole body, @Body() event: Event, or each property once, @Body('name') value: string.",
    };
  }
  const parameters = pathParameterNames(operation);
  if (parameters.length > 0) {
    return {
      code: 'path-parameter',
      place,
      message: `It takes ${parameters.join(', ')} from the path with @Param() or @ApiParam(), but the path of a callback has no parameters.`,
      fix: `Remove the parameter and write a runtime expression for its value in the URL, such as {$request.body#/${parameters.find((name) => name !== ALL_PARAMETERS) ?? 'id'}}.`,
    };
  }
  return { operation, path: paths[0]! };
}

/** Describes body arguments that exclude each other. */
function conflictingBodies({ wholes, fields }: BodyArguments): string | undefined {
  if (wholes.length > 1) return `the whole body ${wholes.length} times`;
  const names = fields.map(({ name }) => name);
  if (wholes.length === 1 && names.length > 0) return `the whole body and its ${names.join(', ')}`;
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  return repeated === undefined ? undefined : `${repeated} of the body more than once`;
}

function pathParameterNames({ callbacks, method, arguments: all }: ReceiverOperation): string[] {
  const taken = all.filter(({ source }) => source === 'path');
  return [
    ...new Set([...taken.map(({ name = ALL_PARAMETERS }) => name), ...declaredPathParametersOf(callbacks, method)]),
  ];
}

function unreachableHandler(callbacks: CallbackClass, methodName: string): CallbackProblem {
  return {
    code: 'unreachable-handler',
    place: qualifiedNameOf({ callbacks, methodName }),
    message: 'It has an HTTP method decorator, but a static method or a method with such a name cannot be a handler.',
    fix: 'Make it an instance method with a plain name, such as invoiceNotification.',
  };
}

function noOperations(callbacks: CallbackClass): CallbackProblem {
  const message = 'The class has no handlers.';
  const fix = 'Add a method with an HTTP method decorator, such as @Post().';
  return { code: 'no-operations', place: callbacks.name, message, fix };
}
