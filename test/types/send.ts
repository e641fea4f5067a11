import { Body, Post, Query } from '@nestjs/common';
import { CallbackController, receiverReplies, WebhookController } from 'nestjs-callbacks';
import type { CallbackResult, Callbacks, CallbackUrls, EnqueuedCallback, PreparedCallback } from 'nestjs-callbacks';

/** Type tests: `tsc` fails if a line below an expected error compiles. */
class Event {
  paid!: boolean;
}
class Reply {
  ok!: boolean;
}

@CallbackController('{$callback_url}')
class Told {
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
class Hooks {
  @Post('paid') paid(@Body() event: Event): Reply {
    return receiverReplies(event);
  }
}

// @ts-expect-error a webhook has no URL of its own
WebhookController({ url: 'https://x.example' });

export async function rightWebhooks(callbacks: Callbacks, account: { url: string | null }): Promise<void> {
  const sent: CallbackResult<Reply> = await callbacks
    .send(Hooks, account.url, { context: { a: 1 } })
    .paid({ paid: true });
  if (sent.status === 'delivered') void sent.body.ok;
  const enqueued: EnqueuedCallback = await callbacks
    .enqueue(Hooks, 'https://x.example', { key: 'a' })
    .paid({ paid: true });
  const prepared: PreparedCallback = await callbacks.prepare(Hooks, undefined).paid({ paid: true });
  void [enqueued, prepared];
}

export async function wrongWebhooks(callbacks: Callbacks): Promise<void> {
  // @ts-expect-error the event has no such type
  await callbacks.enqueue(Hooks, 'https://x.example').paid({ paid: 'yes' });
  // @ts-expect-error there is no such method
  callbacks.enqueue(Hooks, 'https://x.example').nope();
  // @ts-expect-error a URL is a string
  callbacks.enqueue(Hooks, new URL('https://x.example'));
  // @ts-expect-error there is one URL, and not several
  callbacks.enqueue(Hooks, ['https://x.example']);
  // @ts-expect-error a promise of a URL is not a URL
  callbacks.enqueue(Hooks, Promise.resolve('https://x.example'));
  // @ts-expect-error the URL is missing
  callbacks.enqueue(Hooks);
}

export async function right(callbacks: Callbacks): Promise<boolean | undefined> {
  const urls: CallbackUrls<Told> = { notify: 'https://x.example' };
  const client = callbacks.send(Told, urls);
  const result: CallbackResult<Reply> = await client.notify({ paid: true }, 'a');
  const later: CallbackResult<Reply> = await client.later();
  const undeclared = await client.undeclared({ paid: true });
  // @ts-expect-error a reply without a declared type can be anything, and is not `never`
  if (undeclared.status === 'delivered') return undeclared.body;
  return result.status === 'delivered' && later.status === 'skipped' ? result.body.ok : undefined;
}

export async function wrong(callbacks: Callbacks): Promise<void> {
  const client = callbacks.send(Told, {});
  // @ts-expect-error the event has no such type
  await client.notify({ paid: 'yes' });
  // @ts-expect-error the event is missing
  await client.notify();
  // @ts-expect-error there is no such method
  await client.nope();
  // @ts-expect-error it is a property, and no method
  client.constant();
  const result = await client.notify({ paid: true });
  // @ts-expect-error it may have been skipped
  void result.body;
  // @ts-expect-error the reply has no such property
  if (result.status === 'delivered') void result.body.nope;
  // @ts-expect-error there is no such method
  callbacks.send(Told, { nope: 'https://x.example' });
  // @ts-expect-error a URL is a string
  callbacks.send(Told, { notify: new URL('https://x.example') });
}
