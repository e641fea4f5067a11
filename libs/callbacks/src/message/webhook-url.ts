import { types } from 'node:util';
import { CallbackContractError } from '../errors/contract.errors.js';
import type { CallbackClass } from '../metadata/callback-metadata.js';

/**
 * Checks that an app passes one URL for a webhook class, and not URLs by handler: types cannot distinguish the two
 * kinds of classes.
 *
 * @returns nothing if there is no URL.
 * @throws CallbackContractError that says what was given instead.
 */
export function readWebhookUrl({ name }: CallbackClass, url: unknown): string | undefined {
  if (isAbsent(url)) return undefined;
  if (typeof url === 'string') return url;
  const { given, fix } = mistake(name, url);
  const message = `the URL of a class with @WebhookController() must be a string, but is ${given}. Fix: ${fix}`;
  throw new CallbackContractError(name, [{ path: '', message }]);
}

/** Whether the client did not ask for a callback. A database returns `null` for a missing value. */
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
