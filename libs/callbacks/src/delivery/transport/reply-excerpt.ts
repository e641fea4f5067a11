/** The most bytes of a reply in an error. */
const EXCERPT_BYTES = 1024;

/** Returns the first 1 KiB of a reply, without a partial character at the end. */
export function replyExcerpt(body: string | Uint8Array): string {
  const bytes = typeof body === 'string' ? Buffer.from(body.slice(0, EXCERPT_BYTES)) : body;
  return new TextDecoder().decode(bytes.subarray(0, EXCERPT_BYTES), { stream: true });
}
