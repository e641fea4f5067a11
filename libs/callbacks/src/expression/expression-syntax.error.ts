/**
 * A string is not a runtime expression or a URL template. The error says what is wrong, where, and what to write
 * instead.
 */
export class ExpressionSyntaxError extends Error {
  override readonly name = 'ExpressionSyntaxError';

  constructor(
    /** The whole string that was parsed. */
    readonly text: string,
    /** Zero-based index into `text` of the first invalid character. */
    readonly position: number,
    /** What is wrong, as the end of a sentence that begins with the string. */
    readonly reason: string,
    /** What to write instead, as a sentence. */
    readonly fix: string,
  ) {
    super(`${text} ${reason} (at position ${position})`);
  }
}
