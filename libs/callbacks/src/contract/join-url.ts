/**
 * Joins the URL of a callback class and the path of a method with exactly one `/`; where one of them is empty, the
 * other is the whole URL. A bare expression becomes one in braces as soon as something stands beside it.
 */
export function joinUrl(url: string, path: string): string {
  const end = path.replace(/^\/+/, '');
  if (end === '') return url;
  if (url === '') return path;
  return `${inBraces(url).replace(/\/+$/, '')}/${inBraces(end)}`;
}

function inBraces(text: string): string {
  return text.startsWith('$') ? `{${text}}` : text;
}
