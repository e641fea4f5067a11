import { promisify, types } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import type { ZlibOptions } from 'node:zlib';
import type { HttpReply } from '../../message/http-message.js';

/** The content encoding of a reply cannot be undone. */
class UndecodableReplyError extends Error {
  override readonly name = 'UndecodableReplyError';
}

/** A reply is larger than what is read of one. */
export class ReplyTooLargeError extends Error {
  override readonly name = 'ReplyTooLargeError';
}

type Decoder = (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>;

const gunzipAsync: Decoder = promisify(gunzip);
const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: gunzipAsync,
  'x-gzip': gunzipAsync,
  br: promisify(brotliDecompress),
  deflate: inflateEither,
};

/** The content encoding of a reply, in lower case. */
export function encodingOf({ headers }: Pick<HttpReply, 'headers'>): string | undefined {
  return headers['content-encoding']?.toString().trim().toLowerCase();
}

/**
 * How many bytes of a body are taken from the wire, so that at most `limit` can be left of it when it is decoded. A
 * compressor adds a little to what it cannot make smaller: what is twice as long is certainly too long.
 */
export function wireLimit(encoding: string | undefined, limit: number): number {
  return isEncoded(encoding) ? 2 * limit + 1024 : limit;
}

/**
 * Undoes the content encoding of a reply.
 *
 * @throws ReplyTooLargeError as soon as more than `limit` bytes have come out.
 * @throws UndecodableReplyError where the encoding is unknown, or the bytes are not in it.
 */
export async function decodeReply(bytes: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  if (!isEncoded(encoding) || bytes.length === 0) return bytes;
  const decode = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (decode === undefined) throw new UndecodableReplyError('The content encoding of the reply is unknown');
  try {
    return await decode(bytes, { maxOutputLength: limit });
  } catch (error) {
    if (isTooLarge(error)) throw new ReplyTooLargeError('The decompressed reply is too large');
    throw new UndecodableReplyError('The reply is not in its content encoding', { cause: error });
  }
}

function isTooLarge(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function isEncoded(encoding: string | undefined): encoding is string {
  return encoding !== undefined && encoding !== '' && encoding !== 'identity';
}

/** `deflate` is in the zlib format by RFC 9110, 8.4.1.2, and raw from servers that got it wrong. */
function inflateEither(bytes: Buffer, options: ZlibOptions): Promise<Buffer> {
  const isZlib = (bytes[0]! & 0x0f) === 0x08;
  return promisify(isZlib ? inflate : inflateRaw)(bytes, options);
}
