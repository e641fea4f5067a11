import { qualifiedNameOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { issuesOfBody, CallbackReplyError, errorName } from '../errors/contract.errors.js';
import { isModelClass } from '../metadata/model.js';
import type { Model } from '../metadata/model.js';
import { replyModelFor, replyModelsOf } from '../contract/reply-models.js';
import { checkReply } from './check-reply.js';
import { PackageError } from '../errors/require-peer.js';
import type { Checked } from './check-value.js';
import type { HttpReply } from './http-message.js';
import { memoize } from './memoize.js';

const knownModelsOf = memoize(replyModelsOf);

/**
 * Reads the body of a 2xx reply: as the documented model for its status, if there is one; otherwise as JSON or text. An
 * empty body gives `undefined`.
 *
 * @throws CallbackReplyError if the body does not match the model or could not be read.
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
 * @param callback - its name in the error.
 * @throws CallbackReplyError if the body of a 2xx reply could not be read.
 */
export function assertReadable(callback: string, { statusCode, bodyIssue }: HttpReply): void {
  if (bodyIssue === undefined) return;
  throw new CallbackReplyError(callback, statusCode, issuesOfBody([{ path: '', message: bodyIssue }]));
}

/**
 * A receiver can send anything: a reply that is nested too deep, or that a `@Transform()` does not expect, makes the
 * check itself throw. The callback is delivered nevertheless, and the error must say so.
 */
async function readSafely(place: string, reply: HttpReply, model: Model): Promise<Checked> {
  try {
    return await parseReplyBody(reply, model);
  } catch (error) {
    // The message of another error may contain what the receiver wrote, so it is left out.
    const why = error instanceof PackageError ? error.message : errorName(error);
    const message = `the body cannot be read as its model (${why})`;
    throw new CallbackReplyError(place, reply.statusCode, [{ path: '', message }]);
  }
}

/**
 * A body without a JSON content type is text, unless its model needs more: not every server names the type of its
 * replies.
 */
async function parseReplyBody({ statusCode, headers, body }: HttpReply, model: Model): Promise<Checked> {
  const isJson = /[/+]json\b/i.test(String(headers['content-type'] ?? ''));
  const isModelled = model.standardSchema !== undefined || isModelClass(model.type);
  if (!isModelled && body === '') return { value: undefined };
  if (!isModelled && !isJson) return { value: body };
  const asText = isJson || model.standardSchema === undefined ? undefined : await checkReply(model, body);
  if (asText && 'value' in asText) return asText;
  if (body === '') return { issues: [{ path: '', message: describeEmpty(statusCode) }] };
  const parsed = parseJsonBody(body);
  return 'value' in parsed ? checkReply(model, parsed.value) : (asText ?? parsed);
}

/** Replies of 204 and 205 can never have a body. */
function describeEmpty(statusCode: number): string {
  if (statusCode !== 204 && statusCode !== 205) return 'is empty, but the callback class documents one';
  const decorator = statusCode === 204 ? '@ApiNoContentResponse()' : '@ApiResponse({ status: 205 })';
  return `is empty, as in every ${statusCode} reply, but the callback class documents one. Fix: if the receiver may reply ${statusCode}, put ${decorator} on the handler`;
}

function parseJsonBody(body: string): Checked {
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    return { issues: [{ path: '', message: 'is not valid JSON' }] };
  }
}
