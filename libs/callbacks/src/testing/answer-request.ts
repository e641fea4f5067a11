import type { IncomingMessage, ServerResponse } from 'node:http';
import { qualifiedNameOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import type { Fault, Script } from './script.js';
import type { Inbox, ReceivedCallback, RefusedRequest } from './inbox.js';
import { checkRequest } from './check-request.js';
import type { Expectations } from './check-request.js';
import { readWireRequest, encodeReply, writeReply } from './wire-messages.js';
import type { ReplyToWrite, WireReply } from './wire-messages.js';
import { readReply } from '../message/read-reply.js';
import { CallbackReplyError, describeIssues } from '../errors/contract.errors.js';
import { replyModelsOf } from '../contract/reply-models.js';
import { statusOf } from '../metadata/route-metadata.js';

/** What a receiver expects, how it answers, and what it has received. */
export interface ReceiverState {
  readonly expectations: Expectations;
  readonly inbox: Inbox<ReceivedCallback>;
  readonly refused: RefusedRequest[];
  readonly faults: Script<Fault>;
  /** The replies for certain callbacks, and those for all others, by handler. */
  readonly replies: Script<ScriptedReply>;
  readonly defaultReplies: Map<string, ScriptedReply>;
}

/**
 * Checks a request and answers it as scripted. It is added to the inbox once its answer is written.
 *
 * @param url - the URL of the receiver.
 */
export async function answerRequest(
  state: ReceiverState,
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const note = (what: string) => state.inbox.note(`${request.method} ${request.url}: ${what}`);
  try {
    const wire = await readWireRequest(request);
    const verdict = await checkRequest(state.expectations, wire);
    if ('refusal' in verdict) {
      const { statusCode, message, issues } = verdict.refusal;
      state.refused.push({ method: wire.method, url: `${url}${wire.target}`, statusCode, message, issues });
      note(`refused with ${statusCode}. ${message}`);
      return writeReply(response, await encodeReply({ statusCode, body: { message, issues } }));
    }
    const { operation, args } = verdict;
    const statusCode = await answer(state, operation, response);
    note(
      `${operation.methodName}, ${statusCode === undefined ? 'left without an answer' : `answered with ${statusCode}`}`,
    );
    const { target, headers, body: rawBody } = wire;
    const id = [headers['webhook-id']].flat()[0];
    state.inbox.put(operation.methodName, { args, headers, url: `${url}${target}`, id, rawBody, statusCode });
  } catch (error) {
    note(`not answered: ${String(error)}`);
    if (!response.headersSent)
      writeReply(response, await encodeReply({ statusCode: 500, body: { message: String(error) } }));
  }
}

/** Answers a callback, with a fault if one is left, and returns the status. */
async function answer(
  { faults, replies, defaultReplies }: ReceiverState,
  operation: ReceiverOperation,
  response: ServerResponse,
): Promise<number | undefined> {
  const { methodName } = operation;
  const fault = faults.take(methodName);
  if (fault) {
    await fault.play(response);
    return fault.statusCode;
  }
  const reply = await replyOf(operation, replies.take(methodName) ?? defaultReplies.get(methodName));
  writeReply(response, reply);
  return reply.statusCode;
}

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
async function replyOf(operation: ReceiverOperation, scripted: ScriptedReply | undefined): Promise<WireReply> {
  const statusCode = scripted?.statusCode ?? successStatusOf(operation);
  const reply = await encodeReply({ statusCode, headers: scripted?.headers, body: scripted?.body });
  if (scripted?.unchecked) return reply;
  const mismatch = await replyIssue(operation, reply);
  if (mismatch === undefined) return reply;
  const [place, name] = [qualifiedNameOf(operation), operation.methodName];
  const message = scripted
    ? `The scripted reply to ${place} does not match what it documents: ${mismatch}. Fix: correct the reply, or pass { unchecked: true } if it is meant to be wrong.`
    : `${place} documents a reply, but none is scripted. Fix: call receiver.replyWith('${name}', …).`;
  return encodeReply({ statusCode: scripted ? 500 : 501, body: { message } });
}

async function replyIssue(operation: ReceiverOperation, reply: WireReply): Promise<string | undefined> {
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
