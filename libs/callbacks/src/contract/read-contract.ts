import type { CallbackClass } from '../metadata/callback-class.js';
import { isWebhookController } from '../metadata/callback-metadata.js';
import type { CallbackContract, WebhookContract } from './callback-contract.js';
import { readCallbackContract } from './read-callback-contract.js';
import { readWebhookContract } from './read-webhook-contract.js';

/** Reads the contract of a callback or webhook class. */
export function readContract(callbacks: CallbackClass): CallbackContract | WebhookContract {
  return isWebhookController(callbacks) ? readWebhookContract(callbacks) : readCallbackContract(callbacks);
}
