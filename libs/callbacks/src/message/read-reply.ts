import { qualifiedNameOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { issuesOfBody } from '../errors/callback-contract.error.js';
import { CallbackReplyError } from '../errors/callback-reply.error.js';
import { isModelClass } from '../metadata/model-class.js';
import type { Model } from '../metadata/model.js';
import { replyModelFor, replyModelsOf } from '../contract/reply-models.js';
import { checkReply } from './check-reply.js';
import { PackageError } from '../errors/require-peer.js';
import type { Checked } from './check-value.js';
import { errorName } from './error-name.js';
import type { HttpReply } from './http-message.js';
import { memoize } from './memoize.js';

const knownModelsOf = memoize(replyModelsOf);

/**
 * The body of a 2xx reply: as the model that is documented for its status, where there is one; else parsed where it
 * is JSON, else text, and `undefined` where it is empty.
 *
 * @throws CallbackReplyError where the body does not fit the model, or could not be read.
 */
export async function readReply(operation: ReceiverOperation, reply: HttpReply): Promise<unknown> {
  const model = replyModelFor(knownModelsOf(operation), reply.statusCode);
  const place = qualifiedNameOf(operation);
  assertReadable(place, reply);
  const checked = await readSafely(place, reply, model ?? {});
  if ('value' in checked) return checked.value;
  throw new CallbackReplyError(place, reply.statusCode, issuesOfBody(checked.issues));
}

/**
 * @param callback - what the error calls it.
 * @throws CallbackReplyError where the body of a 2xx reply could not be read.
 */
export function assertReadable(callback: string, { statusCode, bodyIssue }: HttpReply): void {
  if (bodyIssue === undefined) return;
  throw new CallbackReplyError(callback, statusCode, issuesOfBody([{ path: '', message: bodyIssue }]));
}

/**
 * A stranger wrote the reply: one that is nested too deep, or that a `@Transform()` does not expect, makes the check
 * itself throw. The callback is delivered all the same, and the error has to say so.
 */
async function readSafely(place: string, reply: HttpReply, model: Model): Promise<Checked> {
  try {
    return await read(reply, model);
  } catch (error) {
    // The message of another error may hold what the receiver wrote: it stays here.
    const why = error instanceof PackageError ? error.message : errorName(error);
    const message = `the body cannot be read as its model (${why})`;
    throw new CallbackReplyError(place, reply.statusCode, [{ path: '', message }]);
  }
}

/** What does not say that it is JSON is a text, unless its model asks for more: not every server names what it sends. */
async function read({ statusCode, headers, body }: HttpReply, model: Model): Promise<Checked> {
  const isJson = /[/+]json\b/i.test(String(headers['content-type'] ?? ''));
  const isModelled = model.standardSchema !== undefined || isModelClass(model.type);
  if (!isModelled && body === '') return { value: undefined };
  if (!isModelled && !isJson) return { value: body };
  const asText = isJson || model.standardSchema === undefined ? undefined : await checkReply(model, body);
  if (asText && 'value' in asText) return asText;
  if (body === '') return { issues: [{ path: '', message: describeEmpty(statusCode) }] };
  const parsed = parse(body);
  return 'value' in parsed ? checkReply(model, parsed.value) : (asText ?? parsed);
}

/** Replies of 204 and 205 never have a body, whatever the receiver does. */
function describeEmpty(statusCode: number): string {
  if (statusCode !== 204 && statusCode !== 205) return 'is empty, and the callback class documents one';
  const decorator = statusCode === 204 ? '@ApiNoContentResponse()' : '@ApiResponse({ status: 205 })';
  return `is empty, as in every reply of ${statusCode}, and the callback class documents one. Fix: if the receiver may reply ${statusCode}, put ${decorator} on the handler`;
}

function parse(body: string): Checked {
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    return { issues: [{ path: '', message: 'is not valid JSON' }] };
  }
}
