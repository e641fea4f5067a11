import type { ContractIssue } from '../contract/callback-contract.error.js';
import { placeOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { CallbackReplyError } from '../contract/callback-reply.error.js';
import { isModelClass } from '../contract/model-class.js';
import { replyModelFor, replyModelsOf } from '../contract/reply-models.js';
import type { ReplyModel } from '../contract/reply-models.js';
import { checkByClass, checkBySchema, joinPaths } from './check-value.js';
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
  const parsed = parse(reply, model);
  const place = placeOf(operation);
  const checked =
    'issues' in parsed || !model ? parsed : await checkSafely(place, reply.statusCode, model, parsed.value);
  if ('value' in checked) return checked.value;
  throw new CallbackReplyError(place, reply.statusCode, checked.issues);
}

/**
 * A stranger wrote the reply: one that is nested too deep, or that a `@Transform()` does not expect, makes the check
 * itself throw. The callback is delivered all the same, and the error has to say so.
 */
async function checkSafely(place: string, statusCode: number, model: ReplyModel, value: unknown): Promise<Checked> {
  try {
    return await checkByModel(model, value);
  } catch (error) {
    // The message may hold what the receiver wrote: it stays here.
    const message = `it cannot be read as its model (${errorName(error)})`;
    throw new CallbackReplyError(place, statusCode, [{ path: '', message }]);
  }
}

function parse({ headers, body }: Reply, model: ReplyModel | undefined): Checked {
  const isModelled = model?.standardSchema !== undefined || isModelClass(model?.type);
  if (body === '' && !isModelled) return { value: undefined };
  const isJson = /[/+]json\b/i.test(String(headers['content-type'] ?? ''));
  if (!isJson && !isModelled) return { value: body };
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    return { issues: [{ path: '', message: 'it is no JSON' }] };
  }
}

async function checkByModel({ type, isArray, standardSchema }: ReplyModel, value: unknown): Promise<Checked> {
  if (standardSchema !== undefined) return checkEach(isArray, value, (item) => checkBySchema(standardSchema, item));
  if (!isModelClass(type)) return { value };
  return checkEach(isArray, value, async (item) => checkByClass(type, await fromJson(type, item)));
}

async function checkEach(
  isArray: boolean | undefined,
  value: unknown,
  check: (item: unknown) => Promise<Checked>,
): Promise<Checked> {
  if (!isArray) return check(value);
  if (!Array.isArray(value)) return { issues: [{ path: '', message: 'must be an array' }] };
  const checked = await Promise.all(value.map(check));
  const issues = checked.flatMap((result, index): ContractIssue[] =>
    'issues' in result
      ? result.issues.map(({ path, message }) => ({ path: joinPaths(`[${index}]`, path), message }))
      : [],
  );
  return issues.length > 0 ? { issues } : { value: checked.map((result) => 'value' in result && result.value) };
}
