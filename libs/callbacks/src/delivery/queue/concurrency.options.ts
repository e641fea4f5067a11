import { nestedOptionsIssue } from '../../errors/option-issues.js';
import type { OptionChecks } from '../../errors/option-issues.js';

/** How many deliveries this process may have in flight at once. */
export interface ConcurrencyOptions {
  /**
   * In total. With 0, this process enqueues but does not send.
   *
   * @default 100
   */
  total?: number;

  /**
   * To one host, so that a hanging host does not delay others.
   *
   * @default 10
   */
  perHost?: number;
}

/** The limits with their defaults. */
export type Concurrency = Readonly<Required<ConcurrencyOptions>>;

export function concurrencyOf({ total = 100, perHost = 10 }: ConcurrencyOptions = {}): Concurrency {
  return { total, perHost };
}

const CHECKS: OptionChecks<ConcurrencyOptions> = {
  total: (value) => (isWhole(value, 0) ? undefined : 'is a whole number, at least 0'),
  perHost: (value) => (isWhole(value, 1) ? undefined : 'is a whole number, at least 1'),
};

/** Returns what `concurrency` must be, as the end of "must be …", or `undefined` if it is valid. */
export function concurrencyIssue(value: unknown): string | undefined {
  return nestedOptionsIssue(value, CHECKS);
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
