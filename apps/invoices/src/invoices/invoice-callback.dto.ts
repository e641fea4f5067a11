/** One attempt to send the callback. */
class InvoiceCallbackAttempt {
  /** The number of the attempt, from 1. */
  attempt!: number;

  /** When the attempt began. */
  at!: Date;

  /** How long the attempt took, in ms. */
  duration!: number;

  /** The HTTP status of your server's reply. */
  statusCode?: number;

  /** Why the attempt failed. */
  error?: string;

  /** The beginning of your server's reply. */
  reply?: string;
}

/** The state of the callback of an invoice. */
export class InvoiceCallback {
  /** The `webhook-id` of the callback: search for it in the log of your server. */
  id!: string;

  /** The URL that the callback is sent to. */
  url!: string;

  /** The state: `queued` waits for an attempt, `inFlight` is being attempted. */
  state!: 'queued' | 'inFlight' | 'delivered' | 'failed' | 'cancelled';

  /** How many attempts have ended. */
  attempts!: number;

  /** The earliest time of the next attempt. */
  nextAttemptAt?: Date;

  /** The attempts, oldest first. */
  history!: InvoiceCallbackAttempt[];
}
