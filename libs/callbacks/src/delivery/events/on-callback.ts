import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { addListener, listenedEventsOf } from '../../metadata/callback-metadata.js';
import { EVENTS } from './callback-events.js';
import type { CallbackEvents } from './callback-events.js';
import { isObject } from '../../expression/json.js';
import { AppLogger, LogLine } from '../app-logger.js';
import { withinLimit } from '../deadline.js';

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

type Listen = (event: never) => unknown;

/** A method that listens to an event. */
export interface Listener {
  /** The name of the method, such as `Notifications.noteDelivery`. */
  readonly title: string;
  readonly event: string;
  readonly listen: Listen;
}

/** Calls the `@OnCallback()` methods of an app. */
export class CallbackListeners {
  readonly #logger = new AppLogger('OnCallback');

  /** @param limit - how long to wait for the listeners of one event, in ms. */
  constructor(
    private readonly listeners: readonly Listener[],
    private readonly limit: number,
  ) {}

  /** Whether any method listens to an event. */
  has(name: keyof CallbackEvents): boolean {
    return this.listeners.some((listener) => listener.event === name);
  }

  /**
   * Calls every listener of an event. Resolves once all have ended, even with an error, or after the limit.
   *
   * @returns whether all of them are known to have succeeded.
   */
  async tell<Name extends keyof CallbackEvents>(name: Name, event: CallbackEvents[Name]): Promise<boolean> {
    const told = this.listeners.filter((listener) => listener.event === name);
    if (told.length === 0) return true;
    const tellAll = Promise.all(told.map((listener) => this.#tellOne(listener, event)));
    const took = await withinLimit(tellAll, this.limit, () => {
      const titles = told.map(({ title }) => title).join(', ');
      const message = `Stopped waiting for ${titles} after ${this.limit} ms`;
      this.#logger.warn(new LogLine(message, fieldsOf(name, event)));
      return [false];
    });
    return took.every(Boolean);
  }

  async #tellOne(
    { title, event: name, listen }: Listener,
    event: CallbackEvents[keyof CallbackEvents],
  ): Promise<boolean> {
    try {
      await listen(event as never);
      return true;
    } catch (error) {
      const line = new LogLine(`${title} threw an error when it was called with an event`, fieldsOf(name, event));
      this.#logger.error(line, stackOf(error));
      return false;
    }
  }
}

/** Returns the fields of an event in the log. */
function fieldsOf(name: string, event: CallbackEvents[keyof CallbackEvents]) {
  return 'id' in event ? { event: name, id: event.id, key: event.key } : { event: name, host: event.host };
}

/**
 * Finds the `@OnCallback()` methods of all providers and controllers.
 *
 * @throws TypeError for a method whose class is not a singleton: an event belongs to no request.
 */
export function findListeners(discovery: DiscoveryService): Listener[] {
  const scanner = new MetadataScanner();
  const seen = new Set<object>();
  return [...discovery.getProviders(), ...discovery.getControllers()].flatMap((wrapper) => {
    const instance: unknown = wrapper.instance;
    const prototype: unknown = isObject(instance) ? Object.getPrototypeOf(instance) : wrapper.metatype?.prototype;
    // A provider with an alias (`useExisting`) is found under two tokens.
    if (!isObject(prototype) || seen.has(isObject(instance) ? instance : prototype)) return [];
    seen.add(isObject(instance) ? instance : prototype);
    return scanner.getAllMethodNames(prototype).flatMap((name) => {
      return listenedEventsOf((prototype as Record<string, object>)[name]!).map((event): Listener => {
        const title = `${prototype.constructor.name}.${name}`;
        if (wrapper.isTransient || !wrapper.isDependencyTreeStatic() || !isObject(instance)) {
          const often = wrapper.isTransient ? 'wherever it is injected' : 'for each request';
          throw new TypeError(
            `${title}() has @OnCallback('${event}'), but its class is created ${often}. Fix: move the method to a provider of the default scope.`,
          );
        }
        return { title, event, listen: (told) => (instance as Record<string, Listen>)[name]!(told) };
      });
    });
  });
}

/** Any value can be thrown, not only errors. */
function stackOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.stack ?? thrown.message;
  return typeof thrown === 'string' ? thrown : `A value of type ${typeof thrown} was thrown`;
}
