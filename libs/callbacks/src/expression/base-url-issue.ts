import { parseUrl } from './parse-url.js';
import type { UrlTemplate } from './url-template.js';

/** Control and format characters, halves of characters, every kind of space, and the backslash. */
export const STRAY_CHARACTER = /[\p{Cc}\p{Cf}\p{Cs}\p{Z}\\]/u;
const STRAY_REASON = 'has a space, a control character or a backslash in it';
const HTTP_URL = /^https?:\/\/[^/?#]/i;
const WHOLE_AUTHORITY = /^https?:\/\/[^/?#]*[/?#]/i;
/** In a template whose expressions are written `{}`. After a colon it is the port. */
const HOST_ENDED_BY_VALUE = /^https?:\/\/[^/?#]*(?<!:)\{\}(?::|[/?#]|$)/i;

/** Why a text cannot be the base of a callback URL. The URL class strips and rewrites: the text is read before it is. */
export function baseUrlIssue(base: string): string | undefined {
  if (STRAY_CHARACTER.test(base)) return STRAY_REASON;
  if (!HTTP_URL.test(base)) return 'is not an absolute http: or https: URL';
  const url = parseUrl(base);
  if (!url) return 'cannot be read as a URL';
  return url.username === '' && url.password === '' ? undefined : 'has credentials in it';
}

/** Why no URL can come of a template, whatever its expressions give. A host that one of them completes is not known. */
export function urlTemplateIssue({ parts }: UrlTemplate): string | undefined {
  const [first] = parts;
  const isStray = parts.some((part) => typeof part === 'string' && STRAY_CHARACTER.test(part));
  if (isStray) return STRAY_REASON;
  const shape = parts.map((part) => (typeof part === 'string' ? part : '{}')).join('');
  if (HOST_ENDED_BY_VALUE.test(shape)) return 'lets a value end its host, which could make it another one';
  const isKnown = typeof first === 'string' && (parts.length === 1 || WHOLE_AUTHORITY.test(first));
  return isKnown ? baseUrlIssue(first) : undefined;
}
