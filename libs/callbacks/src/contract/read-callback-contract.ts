import { ExpressionSyntaxError } from '../expression/expression-syntax.error.js';
import { parseUrlTemplate, printUrlTemplate } from '../expression/url-template.js';
import type { CallbackClass } from './callback-class.js';
import { placeOf } from './callback-contract.js';
import type { CallbackContract, CallbackOperation } from './callback-contract.js';
import type { CallbackProblem } from './callback-problem.js';
import { joinUrl } from './join-url.js';
import { callbackControllerOf, linksOf } from './metadata.js';
import type { CallbackControllerMetadata } from './metadata.js';
import { httpMethodOf, isExcludedFromDocuments, pathsOf, routeMethodsOf } from './route-metadata.js';
import type { Method } from './route-metadata.js';

/** The methods of a path item that Nest can write. `query` is one since OpenAPI 3.2. */
const PATH_ITEM_METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'query'];

/** Begins with an expression (or with what should be one) or with a scheme that a callback can be sent by. */
const ABSOLUTE_URL = /^(?:\{|\$|https?:\/\/)/i;

const contracts = new WeakMap<object, CallbackContract>();

/**
 * Reads a callback class. Every mistake is one of its `problems`; nothing is thrown. The same class gives the same
 * contract.
 */
export function readCallbackContract(callbacks: CallbackClass): CallbackContract {
  const known = isClass(callbacks) ? contracts.get(callbacks) : undefined;
  if (known) return known;
  const controller = callbackControllerOf(callbacks);
  if (!controller) {
    const problems = [notACallbackController(callbacks)];
    return { callbacks, excluded: false, methodNames: [], operations: [], problems };
  }
  const contract = readOperations(callbacks, controller);
  contracts.set(callbacks, contract);
  return contract;
}

function isClass(value: unknown): value is CallbackClass {
  return typeof value === 'function';
}

function readOperations(callbacks: CallbackClass, controller: CallbackControllerMetadata): CallbackContract {
  const methods = [...routeMethodsOf(callbacks.prototype as object)];
  const methodNames = methods.map(([name]) => name);
  const read = methods.map(([name, method]) => readOperation(callbacks, name, method, controller.url));
  const problems = read.filter((result) => 'code' in result);
  const operations = read.filter((result) => 'url' in result);
  if (methodNames.length === 0) problems.push(noOperations(callbacks));
  const { name } = controller;
  const excluded = isExcludedFromDocuments(callbacks);
  return { callbacks, ...(name === undefined ? {} : { name }), excluded, methodNames, operations, problems };
}

function readOperation(
  callbacks: CallbackClass,
  methodName: string,
  method: Method,
  baseUrl: string,
): CallbackOperation | CallbackProblem {
  const place = placeOf({ callbacks, methodName });
  const httpMethod = httpMethodOf(method);
  if (!PATH_ITEM_METHODS.includes(httpMethod)) {
    const message = `${httpMethod.toUpperCase()} is no method that a callback can be sent with.`;
    return {
      code: 'unsupported-method',
      place,
      message,
      fix: "Use @Post(), or another of Nest's HTTP method decorators that OpenAPI knows.",
    };
  }
  const paths = pathsOf(method);
  if (paths.length !== 1) {
    const message = `It has ${paths.length} paths (${paths.join(', ')}), and a callback is sent to one URL.`;
    return { code: 'several-urls', place, message, fix: 'Write one method for each URL.' };
  }
  const text = joinUrl(baseUrl, paths[0]!);
  if (!ABSOLUTE_URL.test(text)) {
    const message =
      text === ''
        ? 'It has no URL to be sent to.'
        : `Its URL ${text} begins with neither a runtime expression nor http:// or https://.`;
    const fix = "Give the URL to the class, @CallbackController('{$request.query.callback_url}'), or to the method.";
    return { code: 'no-url', place, message, fix };
  }
  try {
    const url = parseUrlTemplate(text);
    return { callbacks, method, methodName, httpMethod, url, urlText: printUrlTemplate(url), links: linksOf(method) };
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    return { code: 'expression-syntax', place, message: `${error.message}.`, fix: error.fix };
  }
}

function noOperations(callbacks: CallbackClass): CallbackProblem {
  const message = 'The class has no operation.';
  const fix = 'Give it a method with an HTTP method decorator, such as @Post().';
  return { code: 'no-operations', place: callbacks.name, message, fix };
}

function notACallbackController(callbacks: unknown): CallbackProblem {
  const place = isClass(callbacks) ? callbacks.name : String(callbacks);
  const message = isClass(callbacks)
    ? `${place} is linked as callbacks and is not marked as a callback controller.`
    : `${place} is linked as callbacks and is no class, most likely because two files import each other.`;
  const fix = isClass(callbacks)
    ? `Put @CallbackController() on ${place}.`
    : 'Move the callback class to a file that does not import its user.';
  return { code: 'not-a-callback-controller', place, message, fix };
}
