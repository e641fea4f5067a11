/**
 * An HTTP receiver for the tests of your app, and the tests for a queue of your own. It works with jest, vitest and
 * `node:test`.
 *
 * @packageDocumentation
 */

export { CallbackReceiver } from './callback-receiver.js';
export type { CallbackReceiverOptions } from './callback-receiver.options.js';
export type { ReceivedCallback, RefusedRequest } from './inbox.js';
export type { DripOptions, FailureOptions, FaultOptions, ReplyOptions, ResetOptions } from './script.js';
export { callbackQueueTests } from './queue/callback-queue-tests.js';
export type { CallbackQueueTest, CallbackQueueTestsOptions } from './queue/callback-queue-tests.js';
