import { Body, Post } from '@nestjs/common';
import { CallbackController, CallbacksModule, memoryQueue, OnCallback, receiverReplies } from 'nestjs-callbacks';
import type {
  CallbackAttemptFailed,
  CallbackDelivered,
  CallbackDelivery,
  CallbackFailed,
  CallbackQueue,
  Callbacks,
  CallbackUrls,
  EnqueuedCallback,
  PreparedCallback,
} from 'nestjs-callbacks';

class Event {
  paid!: boolean;
}

@CallbackController('{$request.query.callback_url}')
class OrderCallbacks {
  readonly notAMethod = 1;
  @Post()
  paid(@Body() event: Event): { ok: boolean } {
    return receiverReplies(event);
  }
}

declare const callbacks: Callbacks;
declare const urls: CallbackUrls<OrderCallbacks>;
declare const queue: CallbackQueue;

const queued: Promise<EnqueuedCallback> = callbacks.enqueue(OrderCallbacks, urls).paid({ paid: true });
const keyed: Promise<EnqueuedCallback> = callbacks.enqueue(OrderCallbacks, urls, { key: 'a' }).paid({ paid: true });
const prepared: Promise<PreparedCallback> = callbacks.prepare(OrderCallbacks, urls).paid({ paid: true });
void prepared.then((delivery) => callbacks.submit(delivery));
void queued.then((result) => (result.status === 'queued' ? result.id : undefined));
void keyed;
void callbacks
  .deliveries({ state: 'failed', limit: 10 })
  .then(({ deliveries: [first] }) => first?.updatedAt.toISOString());

// @ts-expect-error: the event has no such property
void callbacks.enqueue(OrderCallbacks, urls).paid({ payed: true });
// @ts-expect-error: no such method
void callbacks.enqueue(OrderCallbacks, urls).notAMethod();
// @ts-expect-error: a key is a string
callbacks.enqueue(OrderCallbacks, urls, { key: 7 });
// @ts-expect-error: a queued callback has no body
void queued.then((result) => result.body);
// @ts-expect-error: a delivery has a request
const delivery: CallbackDelivery = { status: 'prepared', id: 'msg_1', callback: 'OrderCallbacks.paid' };
void delivery;

CallbacksModule.forRoot({ queue, retry: { schedule: [1_000], jitter: 0 }, concurrency: { total: 10, perHost: 2 } });
CallbacksModule.forRoot({ queue: memoryQueue({ capacity: 10 }) });
// @ts-expect-error: this is not a queue
CallbacksModule.forRoot({ queue: 'redis' });

export class Listener {
  @OnCallback('delivered')
  delivered({ statusCode, replyError }: CallbackDelivered): string {
    return `${statusCode} ${replyError?.message}`;
  }
  @OnCallback('attemptFailed')
  async attemptFailed({ nextAttemptAt }: CallbackAttemptFailed): Promise<Date | undefined> {
    return nextAttemptAt;
  }
  @OnCallback('attemptFailed')
  @OnCallback('failed')
  failed({ error }: CallbackFailed): string {
    return error.message;
  }
  @OnCallback('delivered')
  nothing(): void {}
  // @ts-expect-error: there is no such event
  @OnCallback('sent')
  sent(): void {}
  // @ts-expect-error: a failed callback has no status
  @OnCallback('failed')
  wrong({ statusCode }: CallbackDelivered): number {
    return statusCode;
  }
}
