import { suggestExpression } from './suggest-expression.js';

const BRACES = /\$?\{([^{}]*)\}/g;

/** Returns what an invalid URL most likely means: `{request.body#/url}` lacks a `$`. */
export function suggestUrl(text: string): string {
  return text.replace(BRACES, (whole, inner: string) => {
    const suggestion = suggestExpression(inner);
    return suggestion === undefined ? whole : `{${suggestion}}`;
  });
}
