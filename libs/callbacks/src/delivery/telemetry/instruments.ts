import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import type { CallbackStats } from '../queue/deliveries.js';

/** The buckets that the semantic conventions recommend for durations in seconds. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The instruments of an app. Those of the queue have the same values in every process that shares it. */
export function createInstruments(meter: Meter) {
  const queued = meter.createObservableGauge('nestjs_callbacks.queued', {
    description: 'Deliveries that wait for their first or next attempt',
    unit: '{delivery}',
  });
  const oldestDueAge = meter.createObservableGauge('nestjs_callbacks.oldest_due.age', {
    description: 'How long the oldest due delivery has waited',
    unit: 's',
  });
  return {
    sent: meter.createCounter('messaging.client.sent.messages', {
      description: 'Callbacks that were added to the queue',
      unit: '{message}',
    }),
    attempts: meter.createCounter('nestjs_callbacks.attempts', {
      description: 'Attempts, by outcome',
      unit: '{attempt}',
    }),
    duration: meter.createHistogram('messaging.process.duration', {
      description: 'How long an attempt took',
      unit: 's',
      advice: { explicitBucketBoundaries: BOUNDARIES },
    }),
    /** @returns a function that stops it. */
    observe(stats: () => Promise<CallbackStats>): () => void {
      const observe = async (result: BatchObservableResult) => {
        try {
          const { queued: count, oldestDueAt } = await stats();
          result.observe(queued, count);
          result.observe(oldestDueAge, oldestDueAt ? Math.max(0, Date.now() - oldestDueAt.getTime()) / 1_000 : 0);
        } catch {
          // The queue is unreachable, and its log says so. A missing value is better than a wrong one.
        }
      };
      meter.addBatchObservableCallback(observe, [queued, oldestDueAge]);
      return () => meter.removeBatchObservableCallback(observe, [queued, oldestDueAge]);
    },
  };
}
