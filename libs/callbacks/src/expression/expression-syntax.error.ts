/** A text that is no runtime expression, or no template of them: what is wrong, where, and what to write instead. */
export class ExpressionSyntaxError extends Error {
  override readonly name = 'ExpressionSyntaxError';

  constructor(
    /** The whole text that was read. */
    readonly text: string,
    /** Zero-based index into `text` of the first character that does not fit. */
    readonly position: number,
    /** What does not fit, as the end of a sentence that begins with the text. */
    readonly reason: string,
    /** What to write instead, as a sentence. */
    readonly fix: string,
  ) {
    super(`${text} ${reason} (at position ${position})`);
  }
}
