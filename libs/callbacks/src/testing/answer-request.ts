import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import type { Fault } from './faults.js';
import type { Inbox } from './inbox.js';
import { judgeRequest } from './judge-request.js';
import type { RequestRules } from './judge-request.js';
import type { ReceivedCallback, RefusedRequest } from './received-callback.js';
import { replyOf } from './reply-of.js';
import type { ScriptedReply } from './reply-of.js';
import type { Script } from './script.js';
import { readWireRequest } from './wire-request.js';
import { encodeReply, writeReply } from './write-reply.js';

/** The rules and the script of a receiver. */
export interface Scene {
  readonly rules: RequestRules;
  readonly inbox: Inbox<ReceivedCallback>;
  readonly refused: RefusedRequest[];
  readonly faults: Script<Fault>;
  /** The replies for certain callbacks, and those for all others, by handler. */
  readonly replies: Script<ScriptedReply>;
  readonly standingReplies: Map<string, ScriptedReply>;
}

/**
 * Checks a request and answers it as scripted. It is added to the inbox once its answer is written.
 *
 * @param url - the URL of the receiver.
 */
export async function answerRequest(
  scene: Scene,
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const tell = (what: string) => scene.inbox.note(`${request.method} ${request.url}: ${what}`);
  try {
    const wire = await readWireRequest(request);
    const verdict = await judgeRequest(scene.rules, wire);
    if ('refusal' in verdict) {
      const { statusCode, message, issues } = verdict.refusal;
      scene.refused.push({ method: wire.method, url: `${url}${wire.target}`, statusCode, message, issues });
      tell(`refused with ${statusCode}. ${message}`);
      return writeReply(response, await encodeReply({ statusCode, body: { message, issues } }));
    }
    const { operation, args } = verdict;
    const statusCode = await answer(scene, operation, response);
    tell(
      `${operation.methodName}, ${statusCode === undefined ? 'left without an answer' : `answered with ${statusCode}`}`,
    );
    const { target, headers, body: rawBody } = wire;
    const id = [headers['webhook-id']].flat()[0];
    scene.inbox.put(operation.methodName, { args, headers, url: `${url}${target}`, id, rawBody, statusCode });
  } catch (error) {
    tell(`not answered: ${String(error)}`);
    if (!response.headersSent)
      writeReply(response, await encodeReply({ statusCode: 500, body: { message: String(error) } }));
  }
}

/** Answers a callback, with a fault if one is left, and returns the status. */
async function answer(
  { faults, replies, standingReplies }: Scene,
  operation: ReceiverOperation,
  response: ServerResponse,
): Promise<number | undefined> {
  const { methodName } = operation;
  const fault = faults.take(methodName);
  if (fault) {
    await fault.play(response);
    return fault.statusCode;
  }
  const reply = await replyOf(operation, replies.take(methodName) ?? standingReplies.get(methodName));
  writeReply(response, reply);
  return reply.statusCode;
}
