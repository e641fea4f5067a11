import { addListener } from '../../metadata/callback-metadata.js';
import type { CallbackEvents } from './callback-events.js';

const EVENTS: Readonly<Record<keyof CallbackEvents, true>> = {
  delivered: true,
  attemptFailed: true,
  failed: true,
  cancelled: true,
  receiverDown: true,
  receiverUp: true,
};

/** The descriptor of a method that takes the event: read only, so that it may return whatever it likes. */
interface EventMethod<Name extends keyof CallbackEvents> {
  readonly value?: (event: CallbackEvents[Name]) => unknown;
}

/**
 * Tells a method of a provider or of a controller what becomes of the callbacks that were enqueued: `delivered`,
 * `attemptFailed`, `failed` or `cancelled`; and that a receiver no longer answers, or answers again: `receiverDown`, `receiverUp`.
 * The process that made the attempt tells it, at least once, before the queue notes the
 * outcome; so it can be told of one outcome again after a crash. What it throws is logged and changes nothing.
 *
 * Its class has the default scope, and its module is there when the app starts: not loaded later, by `LazyModuleLoader`.
 *
 * @example
 * import type { CallbackDelivered } from 'nestjs-callbacks'; // with `import type`: only a type may be named in a decorated method
 *
 * \@Injectable()
 * class Notifications {
 *   \@OnCallback('delivered')
 *   noteDelivery({ key, statusCode }: CallbackDelivered) {
 *     console.log(`${key} was delivered: ${statusCode}`);
 *   }
 * }
 */
export function OnCallback<Name extends keyof CallbackEvents>(event: Name) {
  if (!Object.hasOwn(EVENTS, event)) {
    const events = Object.keys(EVENTS).join(', ');
    throw new TypeError(`@OnCallback('${event}') listens to no event. Fix: take one of ${events}.`);
  }
  return (prototype: object, name: string | symbol, method: EventMethod<Name>): void => {
    if (!method.value || typeof prototype === 'function' || typeof name === 'symbol') {
      const not = `${String(name)} is none`;
      throw new TypeError(`@OnCallback('${event}') belongs on a method that has a name and is not static, and ${not}.`);
    }
    addListener(method.value, event);
  };
}
