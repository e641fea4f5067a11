import { placeOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { CallbackReplyError } from '../contract/callback-reply.error.js';
import { isModelClass } from '../contract/model-class.js';
import type { Model } from '../contract/model.js';
import { replyModelFor, replyModelsOf } from '../contract/reply-models.js';
import { PackageError } from '../contract/require-peer.js';
import { checkByClass, checkBySchema, checkEach } from './check-value.js';
import type { Checked } from './check-value.js';
import { fromJson } from './convert-value.js';
import { errorName } from './error-name.js';
import { oncePer } from './once-per.js';

/** A reply as it came. */
export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

const knownModelsOf = oncePer(replyModelsOf);

/**
 * The body of a 2xx reply: as the model that is documented for its status, where there is one; else parsed where it
 * is JSON, else text, and `undefined` where it is empty.
 *
 * @throws CallbackReplyError where the body does not fit the model.
 */
export async function readReply(operation: ReceiverOperation, reply: Reply): Promise<unknown> {
  const model = replyModelFor(knownModelsOf(operation), reply.statusCode);
  const place = placeOf(operation);
  const checked = await readSafely(place, reply, model ?? {});
  if ('value' in checked) return checked.value;
  throw new CallbackReplyError(place, reply.statusCode, checked.issues);
}

/**
 * A stranger wrote the reply: one that is nested too deep, or that a `@Transform()` does not expect, makes the check
 * itself throw. The callback is delivered all the same, and the error has to say so.
 */
async function readSafely(place: string, reply: Reply, model: Model): Promise<Checked> {
  try {
    return await read(reply, model);
  } catch (error) {
    // The message of another error may hold what the receiver wrote: it stays here.
    const why = error instanceof PackageError ? error.message : errorName(error);
    const message = `it cannot be read as its model (${why})`;
    throw new CallbackReplyError(place, reply.statusCode, [{ path: '', message }]);
  }
}

/** What does not say that it is JSON is a text, unless its model asks for more: not every server names what it sends. */
async function read({ headers, body }: Reply, model: Model): Promise<Checked> {
  const isJson = /[/+]json\b/i.test(String(headers['content-type'] ?? ''));
  const isModelled = model.standardSchema !== undefined || isModelClass(model.type);
  if (!isModelled && body === '') return { value: undefined };
  if (!isModelled && !isJson) return { value: body };
  const asText = isJson || model.standardSchema === undefined ? undefined : await checkByModel(model, body);
  if (asText && 'value' in asText) return asText;
  const parsed = parse(body);
  return 'value' in parsed ? checkByModel(model, parsed.value) : (asText ?? parsed);
}

function parse(body: string): Checked {
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    return { issues: [{ path: '', message: 'it is no JSON' }] };
  }
}

async function checkByModel({ type, isArray, standardSchema }: Model, value: unknown): Promise<Checked> {
  if (standardSchema !== undefined) return checkEach(isArray, value, (item) => checkBySchema(standardSchema, item));
  if (!isModelClass(type)) return { value };
  return checkEach(isArray, value, async (item) => checkByClass(type, await fromJson(type, item)));
}
