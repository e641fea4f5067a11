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

/** The descriptor of a method that takes the event. It is read-only, so that the method may return anything. */
interface EventMethod<Name extends keyof CallbackEvents> {
  readonly value?: (event: CallbackEvents[Name]) => unknown;
}

/**
 * Calls a method of a provider or controller with events of enqueued callbacks (`delivered`, `attemptFailed`, `failed`,
 * `cancelled`) or of receivers (`receiverDown`, `receiverUp`). The process that made the attempt calls it, at least
 * once, before the queue stores the outcome, so the call can be repeated after a crash. Errors of the method are logged
 * and have no other effect.
 *
 * The class must have the default scope, and its module must not be loaded later by `LazyModuleLoader`.
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
    throw new TypeError(`@OnCallback('${event}') names an unknown event. Fix: use one of ${events}.`);
  }
  return (prototype: object, name: string | symbol, method: EventMethod<Name>): void => {
    if (!method.value || typeof prototype === 'function' || typeof name === 'symbol') {
      const not = `${String(name)} is not`;
      throw new TypeError(`@OnCallback('${event}') must be on a method that has a name and is not static, but ${not}.`);
    }
    addListener(method.value, event);
  };
}
