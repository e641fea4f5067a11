import { CallbackReplyError } from '../../errors/callback-reply.error.js';
import type { JsonValue } from '../callback-delivery.js';
import type { CallbackEvents, DeliveryEventName } from './callback-events.js';

type Name = DeliveryEventName;

/** An event as a queue stores it: plain JSON. */
export function storeEvent<N extends Name>(name: N, event: CallbackEvents[N]): JsonValue {
  // What JSON cannot hold is written by the replacer, and what it drops nobody needs: the event is told again in words.
  return JSON.parse(
    JSON.stringify({ name, event }, (_, value: unknown) => (value instanceof Error ? textOf(value) : value)),
  ) as JsonValue;
}

/** The event that was stored, or `undefined` if it is damaged or of a version that has other events. */
export function restoreEvent(stored: JsonValue): { name: Name; event: CallbackEvents[Name] } | undefined {
  const { name, event } = Object(stored) as { name?: unknown; event?: Record<string, unknown> };
  if (typeof event !== 'object' || event === null || !isName(name)) return undefined;
  const { error, replyError, nextAttemptAt, callback, statusCode } = event;
  const restored = {
    ...event,
    ...(error !== undefined && { error: Object.assign(new Error(), error) }),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: new Date(String(nextAttemptAt)) }),
    ...(replyError !== undefined && {
      replyError: new CallbackReplyError(
        String(callback),
        Number(statusCode),
        (replyError as CallbackReplyError).issues,
      ),
    }),
  };
  // What storeEvent() wrote of an event of this name.
  return { name, event: restored as unknown as CallbackEvents[Name] };
}

/** The members of an error that are worth keeping: `message` and `stack` are not its own enumerable ones. */
function textOf(error: Error): Record<string, unknown> {
  return { ...error, name: error.name, message: error.message };
}

function isName(name: unknown): name is Name {
  const names: Readonly<Record<Name, true>> = { delivered: true, attemptFailed: true, failed: true, cancelled: true };
  return typeof name === 'string' && Object.hasOwn(names, name);
}
