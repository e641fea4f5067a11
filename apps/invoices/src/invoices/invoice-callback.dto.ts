/** One attempt to send the callback. */
class InvoiceCallbackAttempt {
  /** Which attempt it was, from 1. */
  attempt!: number;

  /** When it began. */
  at!: Date;

  /** How long it took, in ms. */
  duration!: number;

  /** The HTTP status that your server replied with. */
  statusCode?: number;

  /** Why it failed. */
  error?: string;

  /** The beginning of what your server replied. */
  reply?: string;
}

/** What became of the callback of an invoice. */
export class InvoiceCallback {
  /** Its `webhook-id`: look for it in the log of your server. */
  id!: string;

  /** Where it is sent. */
  url!: string;

  /** `queued` waits for an attempt, `inFlight` is being attempted. */
  state!: 'queued' | 'inFlight' | 'delivered' | 'failed' | 'cancelled';

  /** How many attempts have ended. */
  attempts!: number;

  /** When it is attempted next, at the earliest. */
  nextAttemptAt?: Date;

  /** The attempts, in the order in which they were made. */
  history!: InvoiceCallbackAttempt[];
}
