export { CallbackReceiver } from './callback-receiver.js';
export type { CallbackReceiverOptions } from './callback-receiver.options.js';
export type { ReceivedCallback, RefusedRequest } from './received-callback.js';
export type { DripOptions, FailureOptions, FaultOptions, ReplyOptions, ResetOptions } from './script-options.js';
export { callbackQueueContract } from './queue/callback-queue-contract.js';
export type { QueueContractOptions, QueueContractTest } from './queue/callback-queue-contract.js';
