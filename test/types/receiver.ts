import { Body, Post, Query } from '@nestjs/common';
import { CallbackController, receiverReplies, WebhookController } from 'nestjs-callbacks';
import type { EgressOptions } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import type { ReceivedCallback } from 'nestjs-callbacks/testing';

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
  @Post('later') async later(): Promise<Reply> {
    return receiverReplies();
  }
  @Post('quiet') quiet(): void {
    return receiverReplies();
  }
}

@WebhookController()
class OrderWebhooks {
  @Post('paid') paid(@Body() event: Event): Reply {
    return receiverReplies(event);
  }
}

export async function rightWebhooks(other: CallbackReceiver<OrderCallbacks>): Promise<boolean> {
  await using receiver = await CallbackReceiver.listen(OrderWebhooks, { only: ['paid'] });
  receiver.replyWith('paid', { ok: true });
  const { allow, ports, http }: EgressOptions = CallbackReceiver.egressOf(receiver, other);
  void [allow, ports, http];
  // @ts-expect-error there is no such method
  receiver.replyWith('nope', { ok: true });
  // @ts-expect-error a class is not a receiver
  CallbackReceiver.egressOf(OrderWebhooks);
  return (await receiver.next('paid')).args[0].paid;
}

export async function right(): Promise<boolean> {
  await using receiver = await CallbackReceiver.listen(OrderCallbacks, {
    secret: ['whsec_a'],
    only: ['notify', 'later'],
  });
  receiver.replyWith('notify', { ok: true }, { statusCode: 202, headers: { 'x-a': 'b' }, times: 1 });
  receiver.replyWith('later', { ok: true });
  receiver.replyWith('notify', '<html>', { unchecked: true });
  receiver.replyWith('quiet', undefined);
  receiver.replyWith('quiet', 'anything');
  receiver.failWith(503, { times: 2, retryAfter: 1, only: ['notify'], body: { message: 'busy' } });
  receiver.hang();
  receiver.reset({ midReply: true });
  receiver.drip({ interval: 10 });
  const received: ReceivedCallback<[event: Event, tag?: string | undefined]> = await receiver.next('notify', {
    timeout: 1,
  });
  const later: ReceivedCallback<[]>[] = receiver.received('later');
  return received.args[0].paid && later.length > 0;
}

export async function wrong(receiver: CallbackReceiver<OrderCallbacks>): Promise<void> {
  // @ts-expect-error there is no such method
  receiver.replyWith('nope', { ok: true });
  // @ts-expect-error the reply has no such type
  receiver.replyWith('notify', { ok: 'yes' });
  // @ts-expect-error the reply is a Reply, not a promise of one
  receiver.replyWith('later', Promise.resolve({ ok: true }));
  // @ts-expect-error only `unchecked: true` accepts anything
  receiver.replyWith('notify', '<html>', { unchecked: false });
  // @ts-expect-error there is no such method
  receiver.hang({ only: ['nope'] });
  // @ts-expect-error there is no such method
  await receiver.next('nope');
  // @ts-expect-error it is a property, not a method
  receiver.received('constant');
  const { args } = await receiver.next('notify');
  // @ts-expect-error the event has no such property
  void args[0].nope;
  // @ts-expect-error the tag is optional
  args[1].toUpperCase();
  // @ts-expect-error there is no third argument
  void args[2];
  // @ts-expect-error there is no such method
  await CallbackReceiver.listen(OrderCallbacks, { only: ['nope'] });
}
