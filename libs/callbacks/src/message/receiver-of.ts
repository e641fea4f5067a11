import { createHash } from 'node:crypto';
import { withoutEndSlashes } from '../expression/parse-url.js';
import type { UrlTemplate } from '../expression/url-template.js';

/** The longest receiver, in characters: an index of Postgres holds at most 2,700 bytes. */
const MAX_LENGTH = 512;

/**
 * Returns the receiver of a callback: the base URL that the client gave, without what the template adds to it. Values
 * are percent-encoded, so the template determines how many path segments and query parameters it adds. If the template
 * begins with literal text, the receiver is the origin. For a webhook, it is the whole URL.
 *
 * @param template - that of the callback; `undefined` for a webhook.
 * @param url - the absolute URL, as it is sent.
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
  const text = withoutEndSlashes(`${origin}${kept.join('/')}`) + (base.join('&') === '' ? '' : `?${base.join('&')}`);
  if (text.length <= MAX_LENGTH) return text;
  return `${text.slice(0, MAX_LENGTH - 44)}#${createHash('sha256').update(text).digest('base64url')}`;
}
