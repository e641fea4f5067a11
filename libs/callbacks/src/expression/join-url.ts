/** Path, query and fragment of a URL; a brace holds an expression, and what stands in it is none of them. */
const PARTS = /^((?:\{[^}]*\}|[^{?#])*)(?:\?((?:\{[^}]*\}|[^{#])*))?(#.*)?$/s;

/**
 * Joins the URL of a callback class and the path of a method with exactly one `/`, which goes before the query of the
 * class; a path that begins with `?` or `#` is none, and adds no `/`. Where one of them is empty, the other is the
 * whole URL. A bare expression becomes one in braces as soon as something stands beside it.
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
