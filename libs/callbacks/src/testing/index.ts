export { callbackQueueContract } from './queue/callback-queue-contract.js';
export type { QueueContractOptions, QueueContractTest } from './queue/callback-queue-contract.js';
