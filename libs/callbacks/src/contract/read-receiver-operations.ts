import type { CallbackClass } from '../metadata/callback-class.js';
import { qualifiedNameOf } from './callback-contract.js';
import type { BodyArguments, ReceiverOperation } from './callback-contract.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { linksOf } from '../metadata/callback-metadata.js';
import { bodyArgumentsOf } from './request-body.js';
import { declaredPathParametersOf, routeArgumentsOf } from '../metadata/route-arguments.js';
import { httpMethodOf, pathsOf, routeMethodsOf, unreachableMethodsOf } from '../metadata/route-metadata.js';
import type { Method } from '../metadata/route-metadata.js';

/** The methods of a path item that Nest can write. `query` is one since OpenAPI 3.2. */
const PATH_ITEM_METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'query'];

/** How messages name what `@Param()` takes without a name. */
const ALL_PARAMETERS = 'all parameters';

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
    const message = `It has ${paths.length} paths (${paths.join(', ')}), and a callback is sent to one URL.`;
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
      message: `It takes ${bodies}, and only one of them could be sent.`,
      fix: "Take the body as a whole, @Body() event: Event, or each of its properties once, @Body('name') value: string.",
    };
  }
  const parameters = pathParametersOf(operation);
  if (parameters.length > 0) {
    return {
      code: 'path-parameter',
      place,
      message: `It takes ${parameters.join(', ')} from the path with @Param() or @ApiParam(), and the path of a callback has no parameters.`,
      fix: `Remove the parameter, and write its value into the URL as a runtime expression, such as {$request.body#/${parameters.find((name) => name !== ALL_PARAMETERS) ?? 'id'}}.`,
    };
  }
  return { operation, path: paths[0]! };
}

/** Arguments of a body that cannot be sent beside each other, in words. */
function conflictingBodies({ wholes, fields }: BodyArguments): string | undefined {
  if (wholes.length > 1) return `the whole body ${wholes.length} times`;
  const names = fields.map(({ name }) => name);
  if (wholes.length === 1 && names.length > 0) return `the whole body and its ${names.join(', ')}`;
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  return repeated === undefined ? undefined : `${repeated} of the body more than once`;
}

function pathParametersOf({ callbacks, method, arguments: all }: ReceiverOperation): string[] {
  const taken = all.filter(({ source }) => source === 'path');
  return [
    ...new Set([...taken.map(({ name = ALL_PARAMETERS }) => name), ...declaredPathParametersOf(callbacks, method)]),
  ];
}

function unreachableHandler(callbacks: CallbackClass, methodName: string): CallbackProblem {
  return {
    code: 'unreachable-handler',
    place: qualifiedNameOf({ callbacks, methodName }),
    message:
      'It has an HTTP method decorator, and neither Nest nor Callbacks can call a method of this kind by its name.',
    fix: 'Make it a method of the instance, with a plain name such as invoiceNotification.',
  };
}

function noOperations(callbacks: CallbackClass): CallbackProblem {
  const message = 'The class has no operation.';
  const fix = 'Give it a method with an HTTP method decorator, such as @Post().';
  return { code: 'no-operations', place: callbacks.name, message, fix };
}
