const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const SHORTEST = 24;
const LONGEST = 64;

/** The format of a secret, as the end of "must be …". */
export const SECRET_FORMAT = `"${PREFIX}" and ${SHORTEST} to ${LONGEST} bytes in base64`;

/**
 * Returns the key of a secret, according to Standard Webhooks ("Signature scheme"), or `undefined` if it is not valid.
 */
export function decodeSecret(secret: unknown): Buffer | undefined {
  if (typeof secret !== 'string' || !secret.startsWith(PREFIX)) return undefined;
  const text = secret.slice(PREFIX.length);
  if (!BASE64.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  // Node.js ignores invalid characters, so only a string that is encoded to itself is valid base64.
  const isWhole = withoutPadding(key.toString('base64')) === withoutPadding(text);
  return isWhole && key.length >= SHORTEST && key.length <= LONGEST ? key : undefined;
}

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/, '');
}
