import type { UrlTemplate } from '../expression/url-template.js';
import type { CallbackClass } from './callback-class.js';
import type { CallbackLink } from './callback-link.js';
import type { CallbackProblem } from './callback-problem.js';
import type { Method } from './route-metadata.js';

/** One request that your API sends: a method of a callback class. */
export interface CallbackOperation {
  readonly callbacks: CallbackClass;
  /** The method, with what its decorators wrote on it. */
  readonly method: Method;
  /** The name of the method. */
  readonly methodName: string;
  /** The HTTP method in lower case, as a path item spells it. */
  readonly httpMethod: string;
  /** Where the request goes. */
  readonly url: UrlTemplate;
  /** The URL as the document's key. */
  readonly urlText: string;
  /** The callbacks of this operation: the receiver can be called back too. */
  readonly links: readonly CallbackLink[];
}

/** All that the decorators of a callback class say, read once. */
export interface CallbackContract {
  readonly callbacks: CallbackClass;
  /** The one name of all operations in the document, where the class gives one. */
  readonly name?: string;
  /** Whether `@ApiExcludeController()` leaves it out of every document. */
  readonly excluded: boolean;
  /** The names of all route methods, those with a mistake among them. */
  readonly methodNames: readonly string[];
  /** The operations that are right, in the order of the methods. */
  readonly operations: readonly CallbackOperation[];
  /** The mistakes in the class itself, whoever links to it. */
  readonly problems: readonly CallbackProblem[];
}

/** How errors and messages name an operation: `InvoiceCallbacks.invoiceNotification`. */
export function placeOf({ callbacks, methodName }: { callbacks: CallbackClass; methodName: string }): string {
  return `${callbacks.name}.${methodName}`;
}
