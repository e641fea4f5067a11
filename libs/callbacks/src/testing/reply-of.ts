import { readReply } from '../message/read-reply.js';
import { describeIssues } from '../errors/callback-contract.error.js';
import { qualifiedNameOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { CallbackReplyError } from '../errors/callback-reply.error.js';
import { replyModelsOf } from '../contract/reply-models.js';
import { statusOf } from '../metadata/route-metadata.js';
import { encodeReply } from './write-reply.js';
import type { ReplyToWrite, WireReply } from './write-reply.js';

/** The scripted reply to a callback. */
export interface ScriptedReply extends Omit<ReplyToWrite, 'statusCode'> {
  readonly statusCode?: number | undefined;
  /** Whether it is sent without a check. */
  readonly unchecked: boolean;
}

/**
 * Returns the reply to a callback: the scripted one, or else the documented success without a body. A reply that does
 * not match the class is a mistake of the test, and is reported as 500, a missing one as 501.
 */
export async function replyOf(operation: ReceiverOperation, scripted: ScriptedReply | undefined): Promise<WireReply> {
  const statusCode = scripted?.statusCode ?? successStatusOf(operation);
  const reply = await encodeReply({ statusCode, headers: scripted?.headers, body: scripted?.body });
  if (scripted?.unchecked) return reply;
  const mismatch = await whyUndocumented(operation, reply);
  if (mismatch === undefined) return reply;
  const [place, name] = [qualifiedNameOf(operation), operation.methodName];
  const message = scripted
    ? `The scripted reply to ${place} does not match what it documents: ${mismatch}. Fix: correct the reply, or pass { unchecked: true } if it is meant to be wrong.`
    : `${place} documents a reply, but none is scripted. Fix: call receiver.replyWith('${name}', …).`;
  return encodeReply({ statusCode: scripted ? 500 : 501, body: { message } });
}

async function whyUndocumented(operation: ReceiverOperation, reply: WireReply): Promise<string | undefined> {
  try {
    await readReply(operation, reply);
    return undefined;
  } catch (error) {
    if (error instanceof CallbackReplyError) return describeIssues(error.issues);
    throw error;
  }
}

/** Returns Nest's status for the reply, unless the class documents only other success statuses. */
function successStatusOf(operation: ReceiverOperation): number {
  const documented = Object.keys(replyModelsOf(operation)).filter((status) => /^2\d\d$/.test(status));
  const usual = statusOf(operation.method);
  return documented.length === 0 || documented.includes(String(usual)) ? usual : Number(documented[0]);
}
