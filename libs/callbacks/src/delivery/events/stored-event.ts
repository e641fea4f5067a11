import { CallbackReplyError } from '../../errors/contract.errors.js';
import type { JsonValue } from '../callback-delivery.js';
import type { CallbackEvents, DeliveryEventName } from './callback-events.js';

type Name = DeliveryEventName;

/** Converts an event to plain JSON, for a queue to store. */
export function storeEvent<N extends Name>(name: N, event: CallbackEvents[N]): JsonValue {
  // The replacer writes errors. Everything else that JSON drops is not needed later.
  return JSON.parse(
    JSON.stringify({ name, event }, (_, value: unknown) => (value instanceof Error ? errorMembersOf(value) : value)),
  ) as JsonValue;
}

/** Restores an event, or returns `undefined` if it is damaged or of a version with other events. */
export function restoreEvent(stored: JsonValue): { name: Name; event: CallbackEvents[Name] } | undefined {
  const { name, event } = Object(stored) as { name?: unknown; event?: Record<string, unknown> };
  if (typeof event !== 'object' || event === null || !isEventName(name)) return undefined;
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
  // storeEvent() wrote an event of this name.
  return { name, event: restored as unknown as CallbackEvents[Name] };
}

/** Returns the members of an error to store. `name` and `message` are not enumerable. */
function errorMembersOf(error: Error): Record<string, unknown> {
  return { ...error, name: error.name, message: error.message };
}

function isEventName(name: unknown): name is Name {
  const names: Readonly<Record<Name, true>> = { delivered: true, attemptFailed: true, failed: true, cancelled: true };
  return typeof name === 'string' && Object.hasOwn(names, name);
}
