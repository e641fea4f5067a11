import type { ContractIssue } from '../contract/callback-contract.error.js';
import { textOf } from './text-of.js';

/** The text of a body in its media type, or why it cannot be written in it. */
export function encodeBody(
  body: unknown,
  mediaType: string,
): { readonly text: string } | { readonly issue: ContractIssue } {
  const type = mediaType.split(';')[0]!.trim().toLowerCase();
  if (type === 'application/json' || type.endsWith('+json')) {
    const text = JSON.stringify(body) as string | undefined;
    return text === undefined ? { issue: { path: '', message: 'cannot be written as JSON' } } : { text };
  }
  if (type === 'application/x-www-form-urlencoded') return { text: typeof body === 'string' ? body : encodeForm(body) };
  if (type.startsWith('text/')) return { text: textOf(body) };
  const message = `cannot be written as ${mediaType}: JSON, form-urlencoded and text can be sent`;
  return { issue: { path: '', message } };
}

function encodeForm(body: unknown): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries((body ?? {}) as object)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null) form.append(name, textOf(item));
    }
  }
  return form.toString();
}
