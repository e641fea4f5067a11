import { ExpressionSyntaxError } from '../expression/expression-syntax.error.js';
import { suggestExpression } from '../expression/suggest-expression.js';
import { parseUrlTemplate, printUrlTemplate } from '../expression/url-template.js';
import type { CallbackClass } from '../metadata/callback-class.js';
import { qualifiedNameOf } from './callback-contract.js';
import type { CallbackContract, CallbackOperation, ReceiverOperation } from './callback-contract.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { joinUrl } from '../expression/join-url.js';
import { callbackControllerOf, isWebhookController } from '../metadata/callback-metadata.js';
import type { CallbackControllerMetadata } from '../metadata/callback-metadata.js';
import { fixOfNestParameters, nestParametersOf } from '../metadata/nest-path.js';
import { readReceiverOperations } from './read-receiver-operations.js';
import { isExcludedFromDocuments } from '../metadata/route-metadata.js';
import { urlTemplateIssue } from '../expression/base-url-issue.js';

/** Begins with an expression (or with what should be one) or with a scheme that a callback can be sent by. */
const ABSOLUTE_URL = /^(?:\{|\$|https?:\/\/)/i;

/** Before what is meant to be an expression, in the notation of other templates: `<$request.…>`, `#{request.…}`. */
const BARE_EXPRESSION = /^[^\w/:*]*(?=req(?:uest)?[.?[]|res(?:ponse)?[.?[])/i;

const contracts = new WeakMap<object, CallbackContract>();

/**
 * Reads a callback class. Every mistake is one of its `problems`; nothing is thrown. The same class gives the same
 * contract.
 */
export function readCallbackContract(callbacks: CallbackClass): CallbackContract {
  const controller = callbackControllerOf(callbacks);
  if (!controller) {
    return {
      callbacks,
      excluded: false,
      methodNames: [],
      operations: [],
      problems: [notACallbackController(callbacks)],
    };
  }
  const contract = contracts.get(callbacks) ?? read(callbacks, controller);
  contracts.set(callbacks, contract);
  return contract;
}

function read(callbacks: CallbackClass, { url, name }: CallbackControllerMetadata): CallbackContract {
  const operations = readReceiverOperations(callbacks, (operation, path) => addUrl(operation, joinUrl(url, path)));
  const excluded = isExcludedFromDocuments(callbacks);
  return { callbacks, excluded, ...operations, ...(name === undefined ? {} : { name }) };
}

function addUrl(operation: ReceiverOperation, text: string): CallbackOperation | CallbackProblem {
  const place = qualifiedNameOf(operation);
  if (!ABSOLUTE_URL.test(text)) {
    const message =
      text === ''
        ? 'It has no URL to be sent to.'
        : `Its URL ${text} begins with neither a runtime expression nor http:// or https://.`;
    const meant = BARE_EXPRESSION.test(text)
      ? suggestExpression(text.replace(BARE_EXPRESSION, '').replace(/>$/, ''))
      : undefined;
    const fix =
      meant === undefined
        ? "Give the URL to the class, @CallbackController('{$request.query.callback_url}'), or to the method."
        : `Write {${meant}}.`;
    return { code: 'no-url', place, message, fix };
  }
  const [parameter, ...others] = nestParametersOf(text);
  if (parameter) {
    const names = [parameter, ...others].map((one) => one.text).join(', ');
    const message = `Its URL has ${names}. Only Nest's routes have path parameters: a callback would be sent to this very text.`;
    return { code: 'path-parameter', place, message, fix: fixOfNestParameters([parameter, ...others]) };
  }
  try {
    const url = parseUrlTemplate(text);
    const fault = urlTemplateIssue(url);
    if (fault === undefined) return { ...operation, url, urlText: printUrlTemplate(url) };
    const fix =
      'Write it as it is sent: no credentials, a host that is whole, and percent-encoded what a URL cannot hold.';
    // The URL itself is left out: it may hold a password.
    return { code: 'no-url', place, message: `Its URL ${fault}.`, fix };
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    return { code: 'expression-syntax', place, message: `${error.message}.`, fix: error.fix };
  }
}

function notACallbackController(callbacks: unknown): CallbackProblem {
  const code = 'not-a-callback-controller';
  if (typeof callbacks !== 'function') {
    const given = receiverClassOf(callbacks);
    if (given) {
      const message = `An instance of ${given.name} is given, and the class itself is needed.`;
      return { code, place: given.name, message, fix: `Write ${given.name} instead of new ${given.name}().` };
    }
    const place = String(callbacks);
    const message = `${place} is given instead of a callback class, most likely because two files import each other.`;
    return { code, place, message, fix: 'Move the callback class to a file that does not import its user.' };
  }
  const place = callbacks.name;
  if (isWebhookController(callbacks)) {
    const message = `${place} is a webhook class. A webhook belongs to the API as a whole, and not to one operation.`;
    const fix = `Remove the link, and list the class in CallbacksModule.forRoot({ webhooks: [${place}] }).`;
    return { code, place, message, fix };
  }
  const message = `${place} is not marked as a callback class.`;
  return { code, place, message, fix: `Put @CallbackController('{$request.query.callback_url}') on ${place}.` };
}

/** The callback or webhook class of an instance. */
function receiverClassOf(value: unknown): CallbackClass | undefined {
  const { constructor } = (value ?? {}) as { constructor?: unknown };
  const isOurs = callbackControllerOf(constructor) !== undefined || isWebhookController(constructor);
  // It is a class: only classes are marked.
  return isOurs ? (constructor as CallbackClass) : undefined;
}
