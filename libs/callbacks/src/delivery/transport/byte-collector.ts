/**
 * Copies bytes to its own buffer. undici passes views of its socket buffers, so keeping one byte of a chunk would keep
 * 64 KiB.
 */
export class ByteCollector {
  #buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Takes at most the first `most` bytes of a chunk. */
  add(chunk: Uint8Array, most: number): void {
    const taken = chunk.subarray(0, Math.max(0, most));
    const length = this.#length + taken.length;
    if (length > this.#buffer.length) {
      // The size doubles each time, so that many small chunks do not cause many copies.
      const grown = Buffer.allocUnsafeSlow(this.#length === 0 ? length : Math.max(length, 2 * this.#buffer.length));
      this.bytes().copy(grown);
      this.#buffer = grown;
    }
    this.#buffer.set(taken, this.#length);
    this.#length = length;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}
