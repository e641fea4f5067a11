import { types } from 'node:util';
import { CallbackContractError } from '../errors/contract.errors.js';
import { isObject } from '../expression/json.js';
import { qualifiedNameOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { isWebhookController } from '../metadata/callback-metadata.js';
import type { CallbackClass } from '../metadata/callback-metadata.js';
import { isPlain } from './value-kinds.js';
import { WarnOnce } from './warn-once.js';

/**
 * The URLs of a callback class by handler, as an app passes them. They may have been stored before a handler was
 * renamed.
 */
type GivenUrls = Readonly<Record<string, unknown>>;

const FIX = 'Fix: pass what @CallbackUrls() or urls() returned';

/**
 * Checks that an app passes URLs by handler.
 *
 * @throws CallbackContractError that says what was given instead.
 */
function readGivenUrls(callbacks: CallbackClass, handlers: readonly string[], urls: unknown): GivenUrls {
  const given = describeUnfit(urls);
  // Any other object has properties that can be looked up.
  if (given === undefined) return urls as GivenUrls;
  const fix =
    typeof urls === 'string' ? `${FIX}, or { ${handlers[0]}: url }. One URL is for @WebhookController() classes` : FIX;
  throw new CallbackContractError(callbacks.name, [
    { path: '', message: `the URLs must be an object${given}. ${fix}` },
  ]);
}

/**
 * Describes a value that cannot be URLs by handler, as the end of a sentence. Without an error, nothing would be sent.
 */
function describeUnfit(urls: unknown): string | undefined {
  if (!isObject(urls)) return typeof urls === 'string' ? ', but are a string' : '';
  if (Array.isArray(urls)) return ' with one URL for each handler, but are an array';
  if (types.isPromise(urls)) return ', but are a promise: an await is missing';
  const { constructor } = urls;
  // A test runner has a second `Object`. An entity of an ORM has properties; a Map, a Set, a URL and a Date have none.
  if (isPlain(urls) || constructor?.name === 'Object' || Object.keys(urls).length > 0) return undefined;
  return ` with one URL for each handler, but are an empty ${constructor?.name ?? 'object'}`;
}

/** Finds the URLs of handlers in what an app passes. */
export class StoredUrls {
  readonly #warnings: WarnOnce;

  constructor(warn: (message: string) => void) {
    this.#warnings = new WarnOnce(warn, 'keys of stored URLs that are not handlers');
  }

  /**
   * Returns a function that finds the URL of an operation: a webhook class has one URL, a callback class one for each
   * handler.
   *
   * @throws CallbackContractError if the value is not what the kind of class needs.
   */
  reader(
    callbacks: CallbackClass,
    operations: readonly ReceiverOperation[],
    given: unknown,
  ): (operation: ReceiverOperation) => string | undefined {
    if (isWebhookController(callbacks)) {
      const url = readWebhookUrl(callbacks, given);
      return () => url;
    }
    const handlers = operations.map(({ methodName }) => methodName);
    const urls = readGivenUrls(callbacks, handlers, given);
    return (operation) => this.#urlOf(operation, operations, urls);
  }

  /**
   * Returns the URL of a handler, or nothing if the client gave none.
   *
   * @param operations - those of the whole class.
   * @throws CallbackContractError if all URLs belong to handlers that do not exist: one was probably renamed.
   */
  #urlOf(operation: ReceiverOperation, operations: readonly ReceiverOperation[], urls: GivenUrls): string | undefined {
    const { methodName, callbacks } = operation;
    const url = urlIn(urls, operation);
    const handlers = operations.map((one) => one.methodName);
    const strangers = Object.keys(urls).filter((key) => !isAbsent(urls[key]) && !handlers.includes(key));
    if (strangers.length === 0) return url;
    const keys = strangers.map((key) => JSON.stringify(key)).join(', ');
    const reason =
      `the stored URLs have ${keys}, which ${strangers.length === 1 ? 'is not a handler' : 'are not handlers'} of ` +
      `${callbacks.name}. Its handlers: ${handlers.join(', ')}`;
    if (url === undefined) {
      const fix = `Fix: if the handler was renamed, store its URL under the new name, { ${JSON.stringify(methodName)}: urls[${JSON.stringify(strangers[0])}] }`;
      throw new CallbackContractError(qualifiedNameOf(operation), [{ path: '', message: `${reason}. ${fix}` }]);
    }
    this.#warnings.about(
      `${callbacks.name}: ${keys}`,
      () =>
        `${qualifiedNameOf(operation)} is sent, but ${reason}. Fix: remove keys that do not name a handler from the stored URLs.`,
    );
    return url;
  }
}

function urlIn(urls: GivenUrls, operation: ReceiverOperation): string | undefined {
  const { methodName } = operation;
  // A handler can be named like a member of every object: `toString`.
  const isInherited = methodName in Object.prototype && !Object.hasOwn(urls, methodName);
  const url = isInherited ? undefined : urls[methodName];
  if (isAbsent(url)) return undefined;
  if (typeof url === 'string') return url;
  throw new CallbackContractError(qualifiedNameOf(operation), [
    {
      path: '',
      message: `its URL must be a string, but is ${Array.isArray(url) ? 'an array' : `of type ${typeof url}`}. ${FIX}`,
    },
  ]);
}

/**
 * Checks that an app passes one URL for a webhook class, and not URLs by handler: types cannot distinguish the two
 * kinds of classes.
 *
 * @returns nothing if there is no URL.
 * @throws CallbackContractError that says what was given instead.
 */
function readWebhookUrl({ name }: CallbackClass, url: unknown): string | undefined {
  if (isAbsent(url)) return undefined;
  if (typeof url === 'string') return url;
  const { given, fix } = describeMistake(name, url);
  const message = `the URL of a class with @WebhookController() must be a string, but is ${given}. Fix: ${fix}`;
  throw new CallbackContractError(name, [{ path: '', message }]);
}

/** Whether the client did not ask for a callback. A database returns `null` for a missing value. */
function isAbsent(url: unknown): url is undefined | null | '' {
  return url === undefined || url === null || url === '';
}

function describeMistake(name: string, url: unknown): { given: string; fix: string } {
  if (types.isPromise(url)) return { given: 'a promise', fix: 'await it' };
  if (Array.isArray(url)) return { given: 'an array', fix: `call callbacks.enqueue(${name}, url) for each URL` };
  if (url instanceof URL) return { given: 'a URL object', fix: 'pass url.href' };
  const [key] = Object.keys(Object(url));
  const example = key === undefined ? "'https://partner.example/hooks'" : `urls[${JSON.stringify(key)}]`;
  return { given: `of type ${typeof url}`, fix: `pass the URL itself, callbacks.enqueue(${name}, ${example})` };
}
