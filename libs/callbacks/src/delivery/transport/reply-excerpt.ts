/** Bytes of a reply that an error keeps. */
const EXCERPT_BYTES = 1024;

/** The first 1 KiB of a reply, without a character that the cut would halve. */
export function replyExcerpt(body: string | Uint8Array): string {
  const bytes = typeof body === 'string' ? Buffer.from(body.slice(0, EXCERPT_BYTES)) : body;
  return new TextDecoder().decode(bytes.subarray(0, EXCERPT_BYTES), { stream: true });
}
