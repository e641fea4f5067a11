import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import type { DeliveryOptions } from './delivery.options.js';
import type { Method } from './route-metadata.js';

/** A class marked by `@CallbackController()` or `@WebhookController()`. */
export type CallbackClass<T extends object = object> = Type<T>;

/** The names of the handlers of a callback class. */
export type OperationName<T extends object> = {
  [Name in keyof T]: T[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof T] &
  string;

/** What one `@ApiCallback()` declares: the callbacks of an operation, and their name. */
export interface CallbackLink {
  readonly callbacks: CallbackClass;
  /** The handlers that are linked; all handlers of the class if it is absent. */
  readonly only?: readonly string[];
  /** One name for all linked operations. It replaces the `name` of the class. */
  readonly name?: string;
}

/** The metadata of this package's own decorators. Only this file reads and writes it. */
const CONTROLLER = 'nestjs-callbacks:controller';
const WEBHOOK_CONTROLLER = 'nestjs-callbacks:webhook-controller';
const LINKS = 'nestjs-callbacks:links';
const LINK_ID = 'nestjs-callbacks:link-id';
const URLS_PARAMETER = 'nestjs-callbacks:urls-parameter';
const LISTENER = 'nestjs-callbacks:listener';

/** The options of `@CallbackController()`. */
export interface CallbackControllerMetadata extends Readonly<DeliveryOptions> {
  readonly url: string;
  readonly name?: string;
  readonly id?: string;
}

/** The options of `@WebhookController()`. */
export type WebhookControllerMetadata = Omit<CallbackControllerMetadata, 'url' | 'name'>;

export function defineCallbackController(target: object, metadata: CallbackControllerMetadata): void {
  markAs(target, CONTROLLER, WEBHOOK_CONTROLLER, metadata);
}

export function callbackControllerOf(target: unknown): CallbackControllerMetadata | undefined {
  return typeof target === 'function' ? Reflect.getMetadata(CONTROLLER, target) : undefined;
}

export function defineWebhookController(target: object, metadata: WebhookControllerMetadata): void {
  markAs(target, WEBHOOK_CONTROLLER, CONTROLLER, metadata);
}

export function isWebhookController(target: unknown): boolean {
  return webhookControllerOf(target) !== undefined;
}

/** Returns the delivery options in the decorator of a callback or webhook class. */
export function deliveryMetadataOf(target: unknown): WebhookControllerMetadata {
  return callbackControllerOf(target) ?? webhookControllerOf(target) ?? {};
}

function webhookControllerOf(target: unknown): WebhookControllerMetadata | undefined {
  return typeof target === 'function' ? Reflect.getMetadata(WEBHOOK_CONTROLLER, target) : undefined;
}

/** A class is of one kind, even if it extends a class of the other kind. */
function markAs(target: object, kind: string, otherKind: string, metadata: object): void {
  if (Reflect.getOwnMetadata(otherKind, target) !== undefined) {
    throw new TypeError(
      `${(target as { name?: string }).name} has both @CallbackController() and @WebhookController(). Fix: write a class for each.`,
    );
  }
  Reflect.defineMetadata(kind, metadata, target);
  Reflect.defineMetadata(otherKind, undefined, target);
}

/** Returns the links of a method: first those of its class, then its own. */
export function linksOf(method: Method): readonly CallbackLink[] {
  return Reflect.getMetadata(LINKS, method) ?? [];
}

/** Adds a link before the existing ones, since decorators run from the last to the first. */
export function addLink(method: Method, link: CallbackLink): void {
  Reflect.defineMetadata(LINKS, [link, ...linksOf(method)], method);
}

export function linkIdOf(method: Method): string | undefined {
  return Reflect.getMetadata(LINK_ID, method);
}

export function defineLinkId(method: Method, id: string): void {
  Reflect.defineMetadata(LINK_ID, id, method);
}

/** Returns the callback classes whose URLs a method takes with `@CallbackUrls()`. */
export function urlClassesOf(prototype: object, methodName: string): readonly unknown[] {
  return Reflect.getMetadata(URLS_PARAMETER, prototype, methodName) ?? [];
}

/** Stored under the name of the method, so that a decorator which replaces the method does not lose it. */
export function addUrlClass(prototype: object, methodName: string | symbol, callbacks: unknown): void {
  const known = urlClassesOf(prototype, String(methodName));
  Reflect.defineMetadata(URLS_PARAMETER, [callbacks, ...known], prototype, methodName);
}

/** Returns the names of the events that a method listens to. */
export function listenedEventsOf(method: object): readonly string[] {
  return Reflect.getMetadata(LISTENER, method) ?? [];
}

export function addListener(method: object, event: string): void {
  Reflect.defineMetadata(LISTENER, [...listenedEventsOf(method), event], method);
}
