import type { Attributes } from '@opentelemetry/api';
import { CallbackDeliveryError } from '../../errors/callback.errors.js';
import type { HttpRequest } from '../../message/http-message.js';
import type { CallbackDelivery } from '../callback-delivery.js';

/*
 * The names follow OpenTelemetry's semantic conventions for messaging and for HTTP clients. All other names begin with
 * `nestjs_callbacks.`.
 */

type Operation = 'enqueue' | 'process';

/** The attributes of metrics. They never contain values that outsiders choose, such as hosts. */
export function metricAttributes(operation: Operation, callback: string, error?: unknown): Attributes {
  return {
    'messaging.system': 'nestjs_callbacks',
    'messaging.operation.name': operation,
    'messaging.destination.name': callback,
    ...(error !== undefined && { 'error.type': errorType(error) }),
  };
}

export function messagingAttributes(operation: Operation, { id, callback, request }: CallbackDelivery): Attributes {
  return {
    ...metricAttributes(operation, callback),
    'messaging.operation.type': operation === 'enqueue' ? 'send' : operation,
    'messaging.message.id': id,
    'messaging.message.body.size': Buffer.byteLength(request.body ?? '', request.bodyEncoding),
  };
}

/** Path and query are left out, since they may contain secrets of the receiver. */
export function httpAttributes({ method, url }: Pick<HttpRequest, 'method' | 'url'>): Attributes {
  const { hostname, port, protocol, origin } = new URL(url);
  return {
    'http.request.method': method,
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    'url.full': `${origin}/REDACTED`,
  };
}

/** Returns why something failed, with few possible values: the status, the reason, or the name of the error. */
export function errorType(error: unknown): string {
  if (error instanceof CallbackDeliveryError)
    return error.statusCode === undefined ? error.reason : `${error.statusCode}`;
  return error instanceof Error ? error.name : '_OTHER';
}
