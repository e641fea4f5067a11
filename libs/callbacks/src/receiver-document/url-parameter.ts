import type { ValueSource } from './value-source.js';

/** A parameter that stands for a value in the URL of a callback. */
export interface UrlParameter {
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
  /** Where the value comes from; a literal has no source. */
  readonly source?: ValueSource;
}
