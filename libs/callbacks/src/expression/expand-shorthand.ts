const IDENTIFIER = /^\$([A-Za-z_][\w-]*)$/;
const BODY_PATH = /^\$(request|response)\.body\.(.+)$/;
const KEYWORDS = new Set(['url', 'method', 'statusCode', 'request', 'response']);

/**
 * Rewrites the two shorthands that FastAPI's users write into the specification's expressions, and leaves every
 * other text as it is: `$callback_url` is `$request.query.callback_url`, `$request.body.id` is `$request.body#/id`.
 */
export function expandShorthand(text: string): string {
  const identifier = IDENTIFIER.exec(text)?.[1];
  if (identifier !== undefined && !KEYWORDS.has(identifier)) return `$request.query.${identifier}`;
  const body = BODY_PATH.exec(text);
  if (body) return `$${body[1]}.body#/${body[2]!.replaceAll('.', '/')}`;
  return text;
}
