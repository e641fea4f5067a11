import { parseUrl } from '../../expression/parse-url.js';
import { channel } from 'node:diagnostics_channel';
import type { Channel } from 'node:diagnostics_channel';
import { CallbackDeliveryError } from '../../errors/callback-delivery.error.js';
import type { CallbackEvents } from './callback-events.js';

/** What the channels `nestjs-callbacks:...` carry. Nothing in it is secret: no path, query, header, body or context. */
export interface CallbackDiagnostic {
  /** The id of the delivery: the `webhook-id`. */
  readonly id?: string;
  /** The qualified name of the handler. */
  readonly callback?: string;
  readonly key?: string;
  /** The host that is called, with its port unless that is the default one. */
  readonly host: string;
  readonly attempt?: number;
  /** How long the attempt took, in ms. */
  readonly duration?: number;
  /** The HTTP status of the reply, if one came. */
  readonly statusCode?: number;
  /** Why the attempt failed, in one word: the `reason` of a CallbackDeliveryError, or else the name of the error. */
  readonly reason?: string;
  /** When it is attempted again, at the earliest. */
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

/** Whether anybody subscribes to a channel. */
export function isObserved(name: ChannelName): boolean {
  return CHANNELS[name].hasSubscribers;
}

/** Says that the queue holds a delivery. */
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

/** Says what listeners are told, without what may be secret. */
export function publishEvent<Name extends keyof CallbackEvents>(name: Name, event: CallbackEvents[Name]): void {
  if (isObserved(name)) publish(name, diagnosticOf(event));
}

function publish(name: ChannelName, diagnostic: CallbackDiagnostic): void {
  CHANNELS[name].publish(diagnostic);
}

/** Its members are named one by one: what an event gets later is not told before somebody has thought of it. */
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

/** Members that are not given are left out. */
function defined<Values extends object>(values: Values): { [Name in keyof Values]?: Exclude<Values[Name], undefined> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  // The same members, without those that are undefined.
  return Object.fromEntries(given) as { [Name in keyof Values]?: Exclude<Values[Name], undefined> };
}

/** A queue can list a delivery that is damaged. */
function hostIn(url: string): string {
  return parseUrl(url)?.host ?? 'unknown';
}
