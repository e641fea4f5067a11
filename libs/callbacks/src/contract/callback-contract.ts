import type { UrlTemplate } from '../expression/url-template.js';
import type { CallbackClass } from '../metadata/callback-class.js';
import type { CallbackLink } from '../metadata/callback-link.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { deliveryMetadataOf } from '../metadata/callback-metadata.js';
import type { RouteArgument } from '../metadata/route-arguments.js';
import type { Method } from '../metadata/route-metadata.js';

/** One operation that the receiver serves: a method of a callback class or of a webhook class. */
export interface ReceiverOperation {
  readonly callbacks: CallbackClass;
  /** The method, with what its decorators wrote on it. */
  readonly method: Method;
  /** The name of the method. */
  readonly methodName: string;
  /** The HTTP method in lower case, as a path item spells it. */
  readonly httpMethod: string;
  /** The arguments that are sent, in their order. */
  readonly arguments: readonly RouteArgument[];
  /** The body that some of them make. */
  readonly body: BodyArguments;
  /** The callbacks of this operation: the receiver can be called back too. */
  readonly links: readonly CallbackLink[];
}

/** What the body of a handler consists of, as far as its arguments say it. */
export interface BodyArguments {
  /** `@Body() all`; more than one is a mistake. */
  readonly wholes: readonly RouteArgument[];
  /** Every `@Body('name') value`: together they are one object. */
  readonly fields: readonly RouteArgument[];
  /** Whether `@ApiBody()` says what the body is, and not only that it may be left out or what it is for. */
  readonly isDeclared: boolean;
}

/** An operation of a callback class, sent to a URL that the exchange gives. */
export interface CallbackOperation extends ReceiverOperation {
  /** Where the request goes. */
  readonly url: UrlTemplate;
  /** The URL as the document's key. */
  readonly urlText: string;
}

/** An operation of a webhook class, sent to a URL that was agreed on elsewhere. */
export interface WebhookOperation extends ReceiverOperation {
  /** The name of the webhook, which the document's `webhooks` have it under. */
  readonly webhook: string;
}

/** All that the decorators of a class say, read once. */
export interface ReceiverContract<Operation extends ReceiverOperation> {
  readonly callbacks: CallbackClass;
  /** Whether `@ApiExcludeController()` leaves it out of every document. */
  readonly excluded: boolean;
  /** The names of all route methods, those with a mistake among them. */
  readonly methodNames: readonly string[];
  /** The operations that are right, in the order of the methods. */
  readonly operations: readonly Operation[];
  /** The mistakes in the class itself, whoever links to it. */
  readonly problems: readonly CallbackProblem[];
}

/** What a class marked by `@CallbackController()` says. */
export interface CallbackContract extends ReceiverContract<CallbackOperation> {
  /** The one name of all operations in the document, where the class gives one. */
  readonly name?: string;
}

/** What a class marked by `@WebhookController()` says. */
export type WebhookContract = ReceiverContract<WebhookOperation>;

/** How errors and messages name an operation: `InvoiceCallbacks.invoiceNotification`. */
export function qualifiedNameOf({ callbacks, methodName }: { callbacks: CallbackClass; methodName: string }): string {
  return `${callbacks.name}.${methodName}`;
}

/** How what is stored names a callback or webhook class: by the `id` of its decorator, else by its name. */
export function storedIdOf(callbacks: CallbackClass): string {
  return deliveryMetadataOf(callbacks).id ?? callbacks.name;
}

/** How what is stored names an operation. */
export function storedNameOf({ callbacks, methodName }: { callbacks: CallbackClass; methodName: string }): string {
  return `${storedIdOf(callbacks)}.${methodName}`;
}
