import type { ContractIssue } from '../contract/callback-contract.error.js';
import { namedValuesOf } from './named-values-of.js';
import { textOf } from './text-of.js';

/** A body as it is sent. */
export interface EncodedBody {
  readonly mediaType: string;
  readonly text: string;
}

/** The text of a body in the first of its media types that it can be written in, or why it can be in none. */
export function encodeBody(
  body: unknown,
  mediaTypes: readonly string[],
): EncodedBody | { readonly issues: readonly ContractIssue[] } {
  const issues: ContractIssue[] = [];
  for (const mediaType of mediaTypes) {
    const text = writeAs(mediaType, body);
    if (typeof text === 'string') return { mediaType, text };
    issues.push({ path: '', message: `cannot be written as ${mediaType}: ${text.fault}` });
  }
  return { issues };
}

function writeAs(mediaType: string, body: unknown): string | { readonly fault: string } {
  const type = mediaType.split(';')[0]!.trim().toLowerCase();
  if (/[/+]json$/.test(type)) {
    return (JSON.stringify(body) as string | undefined) ?? { fault: 'it has to be a value that JSON knows' };
  }
  if (type === 'application/x-www-form-urlencoded') return typeof body === 'string' ? body : writeForm(body);
  if (type.startsWith('text/')) {
    const isText = typeof body !== 'object' || body instanceof Date;
    return isText ? textOf(body) : { fault: 'it has to be a text' };
  }
  return { fault: 'JSON, form-urlencoded and text can be sent' };
}

function writeForm(body: unknown): string | { readonly fault: string } {
  const values = namedValuesOf(body);
  if (!values) return { fault: 'it has to be an object, whose properties are the names of the form' };
  const form = new URLSearchParams();
  for (const [name, value] of values) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null) form.append(name, textOf(item));
    }
  }
  return form.toString();
}
