const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const SHORTEST = 24;
const LONGEST = 64;

/** What a secret must be, as the end of "must be …". */
export const SECRET_FORMAT = `"${PREFIX}" and ${SHORTEST} to ${LONGEST} bytes in base64`;

/** The key of a secret, by Standard Webhooks ("Signature scheme"); `undefined` where the text is no secret. */
export function decodeSecret(secret: unknown): Buffer | undefined {
  if (typeof secret !== 'string' || !secret.startsWith(PREFIX)) return undefined;
  const text = secret.slice(PREFIX.length);
  if (!BASE64.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  // Node reads what it can and drops the rest, so only what it writes back the same was base64.
  const isWhole = withoutPadding(key.toString('base64')) === withoutPadding(text);
  return isWhole && key.length >= SHORTEST && key.length <= LONGEST ? key : undefined;
}

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/, '');
}
