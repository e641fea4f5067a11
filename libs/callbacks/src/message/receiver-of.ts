import { createHash } from 'node:crypto';
import type { UrlTemplate } from '../expression/url-template.js';

/** How long a receiver may be: an index of Postgres takes no more than 2,700 bytes. */
const MAX_LENGTH = 512;

/**
 * The receiver that a callback goes to: the base URL that the client gave, that is the URL without what the template puts
 * after the expression that begins it. A value is percent-encoded, so the template knows how many path segments and
 * query parameters it added. Without such an expression it is the origin. The URL of a webhook is the client's as a whole.
 *
 * @param template - of the callback; nothing for a webhook.
 * @param url - absolute, as it is sent.
 */
export function receiverOf(template: UrlTemplate | undefined, url: string): string {
  const { origin, pathname, search } = new URL(url);
  const [first, ...rest] = template?.parts ?? [];
  if (template && (first === undefined || typeof first === 'string')) return origin;
  const added = rest.map((part) => (typeof part === 'string' ? part : 'value')).join('');
  const [path = '', query = ''] = added.replace(/#.*$/s, '').split(/\?(.*)/s, 2);
  const segments = pathname.split('/');
  const kept = segments.slice(
    0,
    Math.max(0, segments.length - path.split('/').filter((segment) => segment !== '').length),
  );
  const parameters = search.slice(1).split('&');
  const base = parameters.slice(
    0,
    Math.max(0, parameters.length - query.split('&').filter((one) => one !== '').length),
  );
  const text =
    `${origin}${kept.join('/')}`.replace(/(?<!\/)\/+$/, '') + (base.join('&') === '' ? '' : `?${base.join('&')}`);
  if (text.length <= MAX_LENGTH) return text;
  return `${text.slice(0, MAX_LENGTH - 44)}#${createHash('sha256').update(text).digest('base64url')}`;
}
