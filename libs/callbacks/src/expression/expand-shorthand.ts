const IDENTIFIER = /^\$([A-Za-z_][\w-]*)$/;
const BODY_PATH = /^\$(request|response)\.body\.(.+)$/;
const KEYWORDS = new Set(['url', 'method', 'statusCode', 'request', 'response']);

/**
 * Expands the two shorthands of FastAPI: `$callback_url` becomes `$request.query.callback_url`, `$request.body.id`
 * becomes `$request.body#/id`. Any other string is returned unchanged.
 */
export function expandShorthand(text: string): string {
  const identifier = IDENTIFIER.exec(text)?.[1];
  if (identifier !== undefined && !KEYWORDS.has(identifier)) return `$request.query.${identifier}`;
  const body = BODY_PATH.exec(text);
  if (body) return `$${body[1]}.body#/${body[2]!.replaceAll('.', '/')}`;
  return text;
}
