import { isWebhookController, callbackControllerOf } from '../metadata/callback-metadata.js';
import type { CallbackClass, CallbackControllerMetadata } from '../metadata/callback-metadata.js';
import { qualifiedNameOf } from './callback-contract.js';
import type {
  CallbackContract,
  WebhookContract,
  CallbackOperation,
  ReceiverOperation,
  WebhookOperation,
} from './callback-contract.js';
import { ExpressionSyntaxError } from '../expression/runtime-expression.js';
import { suggestExpression } from '../expression/suggest-expression.js';
import { joinUrl, parseUrlTemplate, printUrlTemplate, urlTemplateIssue } from '../expression/url-template.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { readReceiverOperations } from './read-receiver-operations.js';
import { isExcludedFromDocuments, webhookNameOf } from '../metadata/route-metadata.js';
import { withoutEndSlashes } from '../expression/parse-url.js';

/** Reads the contract of a callback or webhook class. */
export function readContract(callbacks: CallbackClass): CallbackContract | WebhookContract {
  return isWebhookController(callbacks) ? readWebhookContract(callbacks) : readCallbackContract(callbacks);
}

/** Begins with an expression, with an attempt at one, or with `http:` or `https:`. */
const ABSOLUTE_URL = /^(?:\{|\$|https?:\/\/)/i;

/** Characters before an expression in the syntax of other templates: `<$request.…>`, `#{request.…}`. */
const BARE_EXPRESSION = /^[^\w/:*]*(?=req(?:uest)?[.?[]|res(?:ponse)?[.?[])/i;

/** The contract of what is not a class of the right kind. */
const NOTHING = { excluded: false, methodNames: [], operations: [] };

const callbackContracts = new WeakMap<object, CallbackContract>();

/** Reads a callback class, once. Mistakes become its `problems`; it never throws. */
export function readCallbackContract(callbacks: CallbackClass): CallbackContract {
  const controller = callbackControllerOf(callbacks);
  if (!controller) return { callbacks, ...NOTHING, problems: [notACallbackController(callbacks)] };
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
      const message = `An instance of ${given.name} was passed instead of the class.`;
      return { code, place: given.name, message, fix: `Write ${given.name} instead of new ${given.name}().` };
    }
    const place = String(callbacks);
    const message = `${place} was passed instead of a callback class, most likely because two files import each other.`;
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

const webhookContracts = new WeakMap<CallbackClass, WebhookContract>();

/** Reads a webhook class, once. Mistakes become its `problems`; it never throws. */
export function readWebhookContract(callbacks: CallbackClass): WebhookContract {
  if (!isWebhookController(callbacks)) return { callbacks, ...NOTHING, problems: [notAWebhookController(callbacks)] };
  const contract = webhookContracts.get(callbacks) ?? readWebhookClass(callbacks);
  webhookContracts.set(callbacks, contract);
  return contract;
}

function readWebhookClass(callbacks: CallbackClass): WebhookContract {
  const operations = readReceiverOperations(callbacks, nameWebhook);
  return { callbacks, excluded: isExcludedFromDocuments(callbacks), ...operations };
}

function nameWebhook(operation: ReceiverOperation, path: string): WebhookOperation | CallbackProblem {
  const named = webhookNameOf(operation.method);
  if (named !== undefined) return { ...operation, webhook: named };
  const webhook = withoutEndSlashes(path.replace(/^\/+/, '')) || operation.methodName;
  const [parameter] = nestParametersOf(path);
  if (!parameter) return { ...operation, webhook };
  const name = webhook.split('/').find((segment) => !/^[:*]/.test(segment)) ?? operation.methodName;
  return {
    code: 'path-parameter',
    place: qualifiedNameOf(operation),
    message: `Its path is the name of the webhook, but contains ${parameter.text}. A name has no parameters.`,
    fix: `Name the webhook '${name}', and send the value of ${parameter.text} in the body.`,
  };
}

function notAWebhookController(webhooks: unknown): CallbackProblem {
  const code = 'not-a-webhook-controller';
  const given = typeof webhooks === 'function' ? undefined : receiverClassOf(webhooks);
  if (given) {
    const { name } = given;
    const message = `An instance of ${name} is listed in the webhooks of CallbacksModule instead of the class.`;
    return { code, place: name, message, fix: `Write ${name} instead of new ${name}().` };
  }
  const name = typeof webhooks === 'function' ? webhooks.name : String(webhooks);
  const message = `${name} is listed in the webhooks of CallbacksModule but is not a webhook class.`;
  const fix = callbackControllerOf(webhooks)
    ? `Link the callback class to an operation, @ApiCallback(${name}), or list it in \`callbacks\` instead.`
    : `Put @WebhookController() on ${name}.`;
  return { code, place: name, message, fix };
}

/** `:id`, `:id?`, `:id(\\d+)` or `*path`, as a whole path segment or as the value of a query parameter. */
const NEST_PARAMETER = /(?<=[/=])(?<sign>[:*])(?<name>[A-Za-z_$][\w$]*)?(?:\([^)]*\))?[?+*]?(?=[/?&#]|$)/g;
const EXPRESSION = /\{[^}]*\}/g;

/** A path parameter in the syntax of Nest's routes. */
interface NestParameter {
  /** As written: `:id`. */
  readonly text: string;
  readonly name: string;
}

/**
 * Finds path parameters in the syntax of Nest's routes. A callback would be sent to a URL that contains them literally.
 * A colon within a segment (`items:batchGet`) is not a parameter.
 */
function nestParametersOf(url: string): NestParameter[] {
  const matches = [...`/${url.replace(EXPRESSION, '{}')}`.matchAll(NEST_PARAMETER)];
  return matches
    .filter(({ groups }) => groups?.['sign'] === '*' || groups?.['name'] !== undefined)
    .map(({ 0: text, groups }) => ({ text, name: groups?.['name'] ?? 'path' }));
}

/** Returns what to write instead of such parameters. */
function fixOfNestParameters([first, ...others]: readonly [NestParameter, ...NestParameter[]]): string {
  const { text, name } = first;
  const also = others.length === 0 ? '' : ` Do the same for ${others.map((other) => other.text).join(', ')}.`;
  const literal = text.replace(':', '%3A').replace('*', '%2A');
  return `Replace ${text} with a value that the receiver knows: {$request.body#/${name}}, {$request.path.${name}}, {$request.query.${name}} or {$response.body#/${name}}.${also} A literal ${text} is written ${literal}.`;
}
