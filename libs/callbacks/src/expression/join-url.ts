/** Path, query and fragment of a URL. A `?` or `#` in braces belongs to an expression. */
const PARTS = /^((?:\{[^}]*\}|[^{?#])*)(?:\?((?:\{[^}]*\}|[^{#])*))?(#.*)?$/s;

/**
 * Joins the URL of a callback class and the path of a handler with exactly one `/`, before the query of the class. A
 * path that begins with `?` or `#` adds no `/`. If one of them is empty, the other is the whole URL. A bare expression
 * is put in braces if something is joined to it.
 */
export function joinUrl(url: string, path: string): string {
  const end = path.replace(/^\/+/, '');
  if (end === '') return url;
  if (url === '') return path;
  const [, start = inBraces(url), query = '', fragment = ''] = PARTS.exec(inBraces(url)) ?? [];
  const [, rest = inBraces(end), moreQuery = '', lastFragment = fragment] = PARTS.exec(inBraces(end)) ?? [];
  const whole = [query, moreQuery].filter((part) => part !== '').join('&');
  const addsPath = !/^[?#]/.test(path);
  return `${addsPath ? `${start.replace(/\/+$/, '')}/${rest}` : start}${whole === '' ? '' : `?${whole}`}${lastFragment}`;
}

function inBraces(text: string): string {
  return text.startsWith('$') ? `{${text}}` : text;
}
