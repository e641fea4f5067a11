import type { UrlTemplate } from '../expression/url-template.js';
import type { CallbackClass, CallbackLink } from '../metadata/callback-metadata.js';
import { deliveryMetadataOf } from '../metadata/callback-metadata.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import type { RouteArgument } from '../metadata/route-arguments.js';
import type { Method } from '../metadata/route-metadata.js';

/** One operation that the receiver serves: a handler of a callback class or a webhook class. */
export interface ReceiverOperation {
  readonly callbacks: CallbackClass;
  /** The function of the handler, with its metadata. */
  readonly method: Method;
  /** The name of the handler. */
  readonly methodName: string;
  /** The HTTP method in lower case, as a path item spells it. */
  readonly httpMethod: string;
  /** The arguments that are sent, in order. */
  readonly arguments: readonly RouteArgument[];
  /** The arguments that form the body. */
  readonly body: BodyArguments;
  /** The callbacks of this operation: a receiver can ask for callbacks too. */
  readonly links: readonly CallbackLink[];
}

/** The parts of a body, as the arguments of a handler declare them. */
export interface BodyArguments {
  /** `@Body() all`. More than one is an error. */
  readonly wholes: readonly RouteArgument[];
  /** Every `@Body('name') value`. Together they form one object. */
  readonly fields: readonly RouteArgument[];
  /** Whether `@ApiBody()` declares the type of the body, and not only that it is optional or what it is for. */
  readonly isDeclared: boolean;
}

/** An operation of a callback class, sent to a URL that the exchange gives. */
export interface CallbackOperation extends ReceiverOperation {
  /** Where the request goes. */
  readonly url: UrlTemplate;
  /** The URL as a key of the document. */
  readonly urlText: string;
}

/** An operation of a webhook class, sent to a URL that was registered in advance. */
export interface WebhookOperation extends ReceiverOperation {
  /** The name of the webhook: its key in the document's `webhooks`. */
  readonly webhook: string;
}

/** What the decorators of a class declare, read once. */
export interface ReceiverContract<Operation extends ReceiverOperation> {
  readonly callbacks: CallbackClass;
  /** Whether `@ApiExcludeController()` leaves the class out of every document. */
  readonly excluded: boolean;
  /** The names of all handlers, including those with a mistake. */
  readonly methodNames: readonly string[];
  /** The operations without a mistake, in the order of the handlers. */
  readonly operations: readonly Operation[];
  /** The mistakes in the class itself, whichever operations link to it. */
  readonly problems: readonly CallbackProblem[];
}

/** What a class with `@CallbackController()` declares. */
export interface CallbackContract extends ReceiverContract<CallbackOperation> {
  /** The one name of all its operations in the document, if the class has one. */
  readonly name?: string;
}

/** What a class with `@WebhookController()` declares. */
export type WebhookContract = ReceiverContract<WebhookOperation>;

/** Names an operation in errors and logs: `InvoiceCallbacks.invoiceNotification`. */
export function qualifiedNameOf({ callbacks, methodName }: { callbacks: CallbackClass; methodName: string }): string {
  return `${callbacks.name}.${methodName}`;
}

/** Names a callback or webhook class in stored data: the `id` in its decorator, or else the name of the class. */
export function storedIdOf(callbacks: CallbackClass): string {
  return deliveryMetadataOf(callbacks).id ?? callbacks.name;
}

/** Names an operation in stored data. */
export function storedNameOf({ callbacks, methodName }: { callbacks: CallbackClass; methodName: string }): string {
  return `${storedIdOf(callbacks)}.${methodName}`;
}
