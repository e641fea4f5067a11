import { types } from 'node:util';
import type { ContractIssue } from '../errors/contract.errors.js';
import { entriesOf } from './entries-of.js';
import { toText } from './to-text.js';

/** A body as it is sent: a string, in UTF-8, or bytes. */
export type EncodedBody = { readonly mediaType: string } & ({ readonly text: string } | { readonly bytes: Buffer });

type Written = { readonly text: string } | { readonly bytes: Buffer } | { readonly fault: string };

/** Encodes a body in the first media type that fits, or returns why none does. */
export function encodeBody(
  body: unknown,
  mediaTypes: readonly string[],
): EncodedBody | { readonly issues: readonly ContractIssue[] } {
  const issues: ContractIssue[] = [];
  for (const mediaType of mediaTypes) {
    const written = writeAs(mediaType, body);
    if (!('fault' in written)) return { mediaType, ...written };
    issues.push({ path: '', message: `cannot be written as ${mediaType}: ${written.fault}` });
  }
  return { issues };
}

function writeAs(mediaType: string, body: unknown): Written {
  const type = mediaType.split(';')[0]!.trim().toLowerCase();
  if (/[/+]json$/.test(type)) {
    const text = JSON.stringify(body) as string | undefined;
    return text === undefined ? { fault: 'it must be a JSON value' } : { text };
  }
  // A multipart body needs a boundary in the header.
  if (type.startsWith('multipart/') && !/;\s*boundary=/i.test(mediaType)) {
    return { fault: 'JSON, form-urlencoded, strings and bytes can be sent' };
  }
  if (typeof body === 'string') return { text: body };
  const bytes = asBytes(body);
  if (bytes) return { bytes };
  if (type === 'application/x-www-form-urlencoded') return writeForm(body);
  if (type.startsWith('text/')) {
    const isText = typeof body !== 'object' || body instanceof Date;
    return isText ? { text: toText(body) } : { fault: 'it must be a string, a number, a boolean or a Date' };
  }
  return { fault: 'it must be a string or a Buffer, which is sent unchanged' };
}

function asBytes(body: unknown): Buffer | undefined {
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return types.isAnyArrayBuffer(body) ? Buffer.from(body) : undefined;
}

function writeForm(body: unknown): Written {
  const values = entriesOf(body);
  if (!values) return { fault: 'it must be an object with the fields of the form as properties' };
  const form = new URLSearchParams();
  for (const [name, value] of values) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null) form.append(name, toText(item));
    }
  }
  return { text: form.toString() };
}
