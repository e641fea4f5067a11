import { isUtf8 } from 'node:buffer';
import type { Checked } from '../message/check-value.js';
import { readTexts } from './declared-value.js';
import type { WireRequest } from './wire-request.js';

/** Decodes a body by its media type: `undefined` without a body, or the reason why it cannot be read. */
export function decodeBody({ headers, body }: WireRequest, mediaTypes: readonly string[]): Checked {
  if (body.length === 0) return { value: undefined };
  const type = essenceOf(headers['content-type'] ?? '');
  if (!mediaTypes.some((mediaType) => essenceOf(mediaType) === type)) {
    return wrong(`the Content-Type must be ${mediaTypes.join(' or ')}, but is ${type === '' ? 'missing' : type}`);
  }
  if (type === 'application/octet-stream') return { value: body };
  const text = body.toString();
  if (isForm(type)) return { value: readTexts(new URLSearchParams(text)) };
  const isJson = /[/+]json$/.test(type);
  // Other types are returned as a string if they are text, otherwise as bytes.
  if (!isJson) return { value: isUtf8(body) ? text : body };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return wrong('the body is not valid JSON');
  }
}

/** Whether all values in a body are strings, whatever their declared types are. */
export function isForm(mediaType: string): boolean {
  return essenceOf(mediaType) === 'application/x-www-form-urlencoded';
}

function essenceOf(mediaType: string): string {
  return mediaType.split(';')[0]!.trim().toLowerCase();
}

function wrong(message: string): Checked {
  return { issues: [{ path: '', message }] };
}
