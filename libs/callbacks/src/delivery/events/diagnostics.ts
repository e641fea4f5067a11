import { channel } from 'node:diagnostics_channel';
import type { Channel } from 'node:diagnostics_channel';
import { parseUrl } from '../../expression/parse-url.js';
import { CallbackDeliveryError } from '../../errors/callback.errors.js';
import type { CallbackEvents } from './callback-events.js';

/**
 * The messages of the channels `nestjs-callbacks:...`. They contain nothing secret: no path, query, header, body or
 * context.
 */
export interface CallbackDiagnostic {
  /** The id of the delivery, which is its `webhook-id`. */
  readonly id?: string;
  /** The qualified name of the handler. */
  readonly callback?: string;
  readonly key?: string;
  /** The called host, with its port unless that is the default one. */
  readonly host: string;
  readonly attempt?: number;
  /** How long the attempt took, in ms. */
  readonly duration?: number;
  /** The HTTP status of the reply, if there was one. */
  readonly statusCode?: number;
  /** Why the attempt failed, as one word: the `reason` of a CallbackDeliveryError, or else the name of the error. */
  readonly reason?: string;
  /** The earliest time of the next attempt. */
  readonly nextAttemptAt?: Date;
  /** How many deliveries wait for the host. */
  readonly waiting?: number;
}

type ChannelName = 'queued' | keyof CallbackEvents;

const channelOf = (name: ChannelName) => channel(`nestjs-callbacks:${name}`);

const CHANNELS: Readonly<Record<ChannelName, Channel>> = {
  queued: channelOf('queued'),
  delivered: channelOf('delivered'),
  attemptFailed: channelOf('attemptFailed'),
  failed: channelOf('failed'),
  cancelled: channelOf('cancelled'),
  receiverDown: channelOf('receiverDown'),
  receiverUp: channelOf('receiverUp'),
};

/** Whether a channel has subscribers. */
export function isObserved(name: ChannelName): boolean {
  return CHANNELS[name].hasSubscribers;
}

/** Publishes that the queue holds a delivery. */
export function publishQueued(delivery: {
  id: string;
  callback: string;
  key?: string;
  request: { url: string };
}): void {
  if (!isObserved('queued')) return;
  const { id, callback, key, request } = delivery;
  publish('queued', { id, callback, ...(key !== undefined && { key }), host: new URL(request.url).host });
}

/** Publishes an event of listeners, without anything that may be secret. */
export function publishEvent<Name extends keyof CallbackEvents>(name: Name, event: CallbackEvents[Name]): void {
  if (isObserved(name)) publish(name, diagnosticOf(event));
}

function publish(name: ChannelName, diagnostic: CallbackDiagnostic): void {
  CHANNELS[name].publish(diagnostic);
}

/** The members are listed one by one, so that new members of events are not published by accident. */
function diagnosticOf(event: CallbackEvents[keyof CallbackEvents]): CallbackDiagnostic {
  const told: Partial<CallbackEvents['attemptFailed'] & CallbackEvents['delivered'] & CallbackEvents['receiverDown']> =
    event;
  const { id, callback, key, url, host, attempt, duration, error, nextAttemptAt, waiting } = told;
  const statusCode = error instanceof CallbackDeliveryError ? error.statusCode : told.statusCode;
  return {
    host: host ?? hostIn(url ?? ''),
    ...defined({ id, callback, key, attempt, duration, statusCode, nextAttemptAt, waiting }),
    ...(error && { reason: error instanceof CallbackDeliveryError ? error.reason : error.name }),
  };
}

/** Leaves out members that are undefined. */
function defined<Values extends object>(values: Values): { [Name in keyof Values]?: Exclude<Values[Name], undefined> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  // The type is the same, since absent members are optional.
  return Object.fromEntries(given) as { [Name in keyof Values]?: Exclude<Values[Name], undefined> };
}

/** A queue can list damaged deliveries. */
function hostIn(url: string): string {
  return parseUrl(url)?.host ?? 'unknown';
}
