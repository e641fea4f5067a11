import { suggestExpression } from './suggest-expression.js';

const BRACES = /\$?\{([^{}]*)\}/g;

/** The URL that is likely meant by one that cannot be read: `{request.body#/url}` is meant to have a `$`. */
export function suggestUrl(text: string): string {
  return text.replace(BRACES, (whole, inner: string) => {
    const suggestion = suggestExpression(inner);
    return suggestion === undefined ? whole : `{${suggestion}}`;
  });
}
