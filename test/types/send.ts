import { Body, Post, Query } from '@nestjs/common';
import { CallbackController, receiverReplies, WebhookController } from 'nestjs-callbacks';
import type { CallbackResult, Callbacks, CallbackUrls, EnqueuedCallback, PreparedCallback } from 'nestjs-callbacks';

/** Type tests: `tsc` fails if a line under `@ts-expect-error` compiles. */
class Event {
  paid!: boolean;
}
class Reply {
  ok!: boolean;
}

@CallbackController('{$callback_url}')
class OrderCallbacks {
  readonly constant = 1;
  @Post() notify(@Body() event: Event, @Query('tag') tag?: string): Reply {
    return receiverReplies(event, tag);
  }
  @Post('undeclared') undeclared(@Body() event: Event) {
    return receiverReplies(event);
  }
  @Post('later') async later(): Promise<Reply> {
    return receiverReplies();
  }
}

@WebhookController({ id: 'hooks', timeout: 1_000, retry: { schedule: [1_000] }, expiresAfter: 60_000 })
class OrderWebhooks {
  @Post('paid') paid(@Body() event: Event): Reply {
    return receiverReplies(event);
  }
}

// @ts-expect-error a webhook has no URL of its own
WebhookController({ url: 'https://x.example' });

export async function rightWebhooks(callbacks: Callbacks, account: { url: string | null }): Promise<void> {
  const sent: CallbackResult<Reply> = await callbacks
    .send(OrderWebhooks, account.url, { context: { a: 1 } })
    .paid({ paid: true });
  if (sent.status === 'delivered') void sent.body.ok;
  const enqueued: EnqueuedCallback = await callbacks
    .enqueue(OrderWebhooks, 'https://x.example', { key: 'a' })
    .paid({ paid: true });
  const prepared: PreparedCallback = await callbacks.prepare(OrderWebhooks, undefined).paid({ paid: true });
  void [enqueued, prepared];
}

export async function wrongWebhooks(callbacks: Callbacks): Promise<void> {
  // @ts-expect-error the event has no such type
  await callbacks.enqueue(OrderWebhooks, 'https://x.example').paid({ paid: 'yes' });
  // @ts-expect-error there is no such method
  callbacks.enqueue(OrderWebhooks, 'https://x.example').nope();
  // @ts-expect-error a URL is a string
  callbacks.enqueue(OrderWebhooks, new URL('https://x.example'));
  // @ts-expect-error there is one URL, not several
  callbacks.enqueue(OrderWebhooks, ['https://x.example']);
  // @ts-expect-error a promise of a URL is not a URL
  callbacks.enqueue(OrderWebhooks, Promise.resolve('https://x.example'));
  // @ts-expect-error the URL is missing
  callbacks.enqueue(OrderWebhooks);
}

export async function right(callbacks: Callbacks): Promise<boolean | undefined> {
  const urls: CallbackUrls<OrderCallbacks> = { notify: 'https://x.example' };
  const client = callbacks.send(OrderCallbacks, urls);
  const result: CallbackResult<Reply> = await client.notify({ paid: true }, 'a');
  const later: CallbackResult<Reply> = await client.later();
  const undeclared = await client.undeclared({ paid: true });
  // @ts-expect-error a reply without a declared type can be anything, and is not `never`
  if (undeclared.status === 'delivered') return undeclared.body;
  return result.status === 'delivered' && later.status === 'skipped' ? result.body.ok : undefined;
}

export async function wrong(callbacks: Callbacks): Promise<void> {
  const client = callbacks.send(OrderCallbacks, {});
  // @ts-expect-error the event has no such type
  await client.notify({ paid: 'yes' });
  // @ts-expect-error the event is missing
  await client.notify();
  // @ts-expect-error there is no such method
  await client.nope();
  // @ts-expect-error it is a property, not a method
  client.constant();
  const result = await client.notify({ paid: true });
  // @ts-expect-error it may have been skipped
  void result.body;
  // @ts-expect-error the reply has no such property
  if (result.status === 'delivered') void result.body.nope;
  // @ts-expect-error there is no such method
  callbacks.send(OrderCallbacks, { nope: 'https://x.example' });
  // @ts-expect-error a URL is a string
  callbacks.send(OrderCallbacks, { notify: new URL('https://x.example') });
}
