import { promisify, types } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import type { ZlibOptions } from 'node:zlib';
import type { HttpReply } from '../../message/http-message.js';

const UTF_8 = new TextDecoder();

type Decoder = (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>;

const gunzipAsync: Decoder = promisify(gunzip);
const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: gunzipAsync,
  'x-gzip': gunzipAsync,
  br: promisify(brotliDecompress),
  deflate: inflateEither,
};

/** Returns the content encoding of a reply, in lower case. */
export function encodingOf({ headers }: Pick<HttpReply, 'headers'>): string | undefined {
  return headers['content-encoding']?.toString().trim().toLowerCase();
}

/**
 * Returns how many bytes of a body to read from the wire, for at most `limit` decoded bytes. Compression can add a
 * little to incompressible data, but a body of twice the length is certainly too large.
 */
export function wireLimit(encoding: string | undefined, limit: number): number {
  return isEncoded(encoding) ? 2 * limit + 1024 : limit;
}

/** Undoes the content encoding of a reply, up to `limit` bytes, and decodes it as UTF-8. */
export async function decodeReply(
  reply: HttpReply<Buffer>,
  limit: number,
): Promise<Pick<HttpReply, 'body' | 'bodyIssue'>> {
  const { body: bytes, bodyIssue } = reply;
  const encoding = encodingOf(reply);
  if (!isEncoded(encoding) || bytes.length === 0) {
    return { body: UTF_8.decode(bytes), ...(bodyIssue !== undefined && { bodyIssue }) };
  }
  if (bodyIssue !== undefined) return { body: '', bodyIssue };
  const decode = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (decode === undefined) return { body: '', bodyIssue: 'has an unknown content encoding' };
  try {
    return { body: UTF_8.decode(await decode(bytes, { maxOutputLength: limit })) };
  } catch (error) {
    return {
      body: '',
      bodyIssue: isTooLarge(error) ? tooLargeIssue(limit) : 'cannot be decoded from its content encoding',
    };
  }
}

/** Returns the issue of a body that is longer than the limit. */
export function tooLargeIssue(limit: number): string {
  return `is larger than ${limit} bytes`;
}

function isTooLarge(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function isEncoded(encoding: string | undefined): encoding is string {
  return encoding !== undefined && encoding !== '' && encoding !== 'identity';
}

/** `deflate` means the zlib format (RFC 9110, 8.4.1.2), but some servers send raw deflate data. */
function inflateEither(bytes: Buffer, options: ZlibOptions): Promise<Buffer> {
  const isZlib = (bytes[0]! & 0x0f) === 0x08;
  return promisify(isZlib ? inflate : inflateRaw)(bytes, options);
}
