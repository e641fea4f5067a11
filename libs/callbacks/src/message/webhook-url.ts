import { types } from 'node:util';
import { CallbackContractError } from '../errors/callback-contract.error.js';
import type { CallbackClass } from '../metadata/callback-class.js';

/**
 * Checks that an app gives a webhook class one URL, and not URLs by handler: no type tells the two kinds of classes apart.
 *
 * @returns nothing if there is no URL.
 * @throws CallbackContractError that says what was given instead.
 */
export function readWebhookUrl({ name }: CallbackClass, url: unknown): string | undefined {
  if (isAbsent(url)) return undefined;
  if (typeof url === 'string') return url;
  const { given, fix } = mistake(name, url);
  const message = `the URL of a class with @WebhookController() must be a string, and is ${given}. Fix: ${fix}`;
  throw new CallbackContractError(name, [{ path: '', message }]);
}

/** What a receiver that asks for nothing leaves behind: a database gives back `null` for what was not there. */
export function isAbsent(url: unknown): url is undefined | null | '' {
  return url === undefined || url === null || url === '';
}

function mistake(name: string, url: unknown): { given: string; fix: string } {
  if (types.isPromise(url)) return { given: 'a promise', fix: 'await it' };
  if (Array.isArray(url)) return { given: 'an array', fix: `call callbacks.enqueue(${name}, url) for each URL` };
  if (url instanceof URL) return { given: 'a URL object', fix: 'pass url.href' };
  const [key] = Object.keys(Object(url));
  const example = key === undefined ? "'https://partner.example/hooks'" : `urls[${JSON.stringify(key)}]`;
  return { given: `of type ${typeof url}`, fix: `pass the URL itself, callbacks.enqueue(${name}, ${example})` };
}
