import { ExpressionSyntaxError } from '../expression/runtime-expression.js';
import { suggestExpression } from '../expression/suggest-expression.js';
import { parseUrlTemplate, printUrlTemplate, joinUrl } from '../expression/url-template.js';
import type { CallbackClass } from '../metadata/callback-class.js';
import { qualifiedNameOf } from './callback-contract.js';
import type { CallbackContract, CallbackOperation, ReceiverOperation } from './callback-contract.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { callbackControllerOf, isWebhookController } from '../metadata/callback-metadata.js';
import type { CallbackControllerMetadata } from '../metadata/callback-metadata.js';
import { fixOfNestParameters, nestParametersOf } from '../metadata/nest-path.js';
import { readReceiverOperations } from './read-receiver-operations.js';
import { isExcludedFromDocuments } from '../metadata/route-metadata.js';
import { urlTemplateIssue } from '../expression/parse-url.js';

/** Begins with an expression, with an attempt at one, or with `http:` or `https:`. */
const ABSOLUTE_URL = /^(?:\{|\$|https?:\/\/)/i;

/** Characters before an expression in the syntax of other templates: `<$request.…>`, `#{request.…}`. */
const BARE_EXPRESSION = /^[^\w/:*]*(?=req(?:uest)?[.?[]|res(?:ponse)?[.?[])/i;

const callbackContracts = new WeakMap<object, CallbackContract>();

/** Reads a callback class, once. Mistakes become its `problems`; it never throws. */
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
  const contract = callbackContracts.get(callbacks) ?? readCallbackClass(callbacks, controller);
  callbackContracts.set(callbacks, contract);
  return contract;
}

function readCallbackClass(callbacks: CallbackClass, { url, name }: CallbackControllerMetadata): CallbackContract {
  const operations = readReceiverOperations(callbacks, (operation, path) => addUrl(operation, joinUrl(url, path)));
  const excluded = isExcludedFromDocuments(callbacks);
  return { callbacks, excluded, ...operations, ...(name === undefined ? {} : { name }) };
}

function addUrl(operation: ReceiverOperation, text: string): CallbackOperation | CallbackProblem {
  const place = qualifiedNameOf(operation);
  if (!ABSOLUTE_URL.test(text)) {
    const message =
      text === ''
        ? 'It has no URL.'
        : `Its URL ${text} begins with neither a runtime expression nor http:// or https://.`;
    const meant = BARE_EXPRESSION.test(text)
      ? suggestExpression(text.replace(BARE_EXPRESSION, '').replace(/>$/, ''))
      : undefined;
    const fix =
      meant === undefined
        ? "Write the URL in the decorator of the class, @CallbackController('{$request.query.callback_url}'), or of the method."
        : `Write {${meant}}.`;
    return { code: 'no-url', place, message, fix };
  }
  const [parameter, ...others] = nestParametersOf(text);
  if (parameter) {
    const names = [parameter, ...others].map((one) => one.text).join(', ');
    const message = `Its URL has ${names}. Only Nest's routes have path parameters: the callback would be sent to this URL literally.`;
    return { code: 'path-parameter', place, message, fix: fixOfNestParameters([parameter, ...others]) };
  }
  try {
    const url = parseUrlTemplate(text);
    const fault = urlTemplateIssue(url);
    if (fault === undefined) return { ...operation, url, urlText: printUrlTemplate(url) };
    const fix =
      'Write the URL as it is sent: without credentials, with a complete host, and with invalid characters percent-encoded.';
    // The message leaves out the URL, which may contain a password.
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
      const message = `An instance of ${given.name} is given instead of the class.`;
      return { code, place: given.name, message, fix: `Write ${given.name} instead of new ${given.name}().` };
    }
    const place = String(callbacks);
    const message = `${place} is given instead of a callback class, most likely because two files import each other.`;
    return {
      code,
      place,
      message,
      fix: 'Move the callback class to a file that does not import the file with the link.',
    };
  }
  const place = callbacks.name;
  if (isWebhookController(callbacks)) {
    const message = `${place} is a webhook class. A webhook belongs to the whole API, not to one operation.`;
    const fix = `Remove the link, and list the class in CallbacksModule.forRoot({ webhooks: [${place}] }).`;
    return { code, place, message, fix };
  }
  const message = `${place} is not a callback class: it lacks @CallbackController().`;
  return { code, place, message, fix: `Put @CallbackController('{$request.query.callback_url}') on ${place}.` };
}

/** Returns the callback or webhook class of an instance. */
function receiverClassOf(value: unknown): CallbackClass | undefined {
  const { constructor } = (value ?? {}) as { constructor?: unknown };
  const isOurs = callbackControllerOf(constructor) !== undefined || isWebhookController(constructor);
  // Only classes have the mark.
  return isOurs ? (constructor as CallbackClass) : undefined;
}
