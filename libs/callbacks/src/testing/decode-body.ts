import { isUtf8 } from 'node:buffer';
import type { Checked } from '../message/check-value.js';
import { readTexts } from './declared-value.js';
import type { WireRequest } from './wire-request.js';

/** A body by its media type, `undefined` where there is none, or why it cannot be read. */
export function decodeBody({ headers, body }: WireRequest, mediaTypes: readonly string[]): Checked {
  if (body.length === 0) return { value: undefined };
  const type = essenceOf(headers['content-type'] ?? '');
  if (!mediaTypes.some((mediaType) => essenceOf(mediaType) === type)) {
    return wrong(`the Content-Type is ${type === '' ? 'missing' : type}, and has to be ${mediaTypes.join(' or ')}`);
  }
  if (type === 'application/octet-stream') return { value: body };
  const text = body.toString();
  if (isForm(type)) return { value: readTexts(new URLSearchParams(text)) };
  const isJson = /[/+]json$/.test(type);
  // What is neither is sent as it is: as a string, unless it is no text.
  if (!isJson) return { value: isUtf8(body) ? text : body };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return wrong('the body is no JSON');
  }
}

/** Whether the values in a body are texts, whatever they stand for. */
export function isForm(mediaType: string): boolean {
  return essenceOf(mediaType) === 'application/x-www-form-urlencoded';
}

function essenceOf(mediaType: string): string {
  return mediaType.split(';')[0]!.trim().toLowerCase();
}

function wrong(message: string): Checked {
  return { issues: [{ path: '', message }] };
}
