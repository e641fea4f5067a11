import { ConsoleLogger, Controller, Injectable, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import axios from 'axios';
import { ClsModule, ClsServiceManager } from 'nestjs-cls';
import { CallbackController, Callbacks, CallbacksModule, OnCallback, receiverReplies } from 'nestjs-callbacks';
import type { CallbackQueue } from 'nestjs-callbacks';
import { expect } from '@jest/globals';
import { closing } from './closing.js';
import { replying } from './enqueueing.js';
import { eventually } from './eventually.js';
import { startReceiver } from './start-receiver.js';

const HOST = 'hooks.example';

/** The tenant whose request each piece of the app's own code ran in; `undefined` outside of requests. */
class Seen {
  readonly #tenants = new Map<string, unknown[]>();

  note(code: string): void {
    const cls = ClsServiceManager.getClsService();
    const tenant: unknown = cls.isActive() ? cls.get('tenant') : undefined;
    this.#tenants.set(code, [...this.of(code), tenant]);
  }

  of(code: string): readonly unknown[] {
    return this.#tenants.get(code) ?? [];
  }
}

@CallbackController('{$request.query.callback_url}')
class Events {
  @Post() told(): void {
    return receiverReplies();
  }
}

/** The pieces of code that must have run for a delivery. */
const CODE = ['listener', 'secret', 'request interceptor', 'response interceptor', 'logger', 'resolver'];

/**
 * Two tenants enqueue callbacks by real requests, which are delivered with failures in between. No code of the app that
 * works on them may run in the context of a request, neither of the other tenant nor of the one that enqueued them.
 */
export async function runsInNoRequest(queue: CallbackQueue): Promise<void> {
  const seen = new Seen();
  let requests = 0;
  const receiver = closing(
    await startReceiver((request, response) => replying((requests += 1) % 2 === 1 ? 500 : 204)(request, response)),
  );
  const instance = axios.create();
  instance.interceptors.request.use((config) => (seen.note('request interceptor'), config));
  instance.interceptors.response.use((response) => (seen.note('response interceptor'), response));

  class Logger extends ConsoleLogger {
    protected override printMessages(_: unknown[], context?: string): void {
      if (context !== undefined && /Callbacks|Queue/.test(context)) seen.note('logger');
    }
  }

  @Injectable()
  class Listeners {
    readonly delivered: string[] = [];

    @OnCallback('attemptFailed')
    noteFailure() {
      seen.note('listener');
    }

    @OnCallback('delivered')
    async noteDelivery({ id }: { id: string }) {
      seen.note('listener');
      this.delivered.push(id);
    }
  }

  @Controller()
  class Tenants {
    constructor(private readonly callbacks: Callbacks) {}

    @Post('tenants/:tenant')
    async enqueue(@Param('tenant') tenant: string) {
      expect(ClsServiceManager.getClsService().get('tenant')).toBe(tenant);
      const urls = { told: `http://${HOST}:${receiver.port}/` };
      const enqueued = await this.callbacks.enqueue(Events, urls, { context: tenant }).told();
      // Its first failure is that of the request itself.
      await this.callbacks
        .send(Events, urls)
        .told()
        .catch(() => undefined);
      return enqueued;
    }
  }

  @Module({
    imports: [
      ClsModule.forRoot({
        global: true,
        middleware: {
          mount: true,
          setup: (cls, request: { originalUrl: string }) => cls.set('tenant', request.originalUrl.split('/').at(-1)),
        },
      }),
      CallbacksModule.forRoot({
        queue,
        axios: instance,
        retry: { schedule: [20, 20, 20, 20, 20, 20], jitter: 0 },
        egress: {
          allow: ['127.0.0.1'],
          ports: [receiver.port],
          http: true,
          resolver: async () => (seen.note('resolver'), ['127.0.0.1']),
        },
        signing: { secret: () => (seen.note('secret'), `whsec_${'C'.repeat(32)}`) },
      }),
    ],
    controllers: [Tenants],
    providers: [Listeners],
  })
  class AppModule {}

  const app = closing(await NestFactory.create(AppModule, { logger: new Logger(), abortOnError: false }));
  await app.listen(0, '127.0.0.1');
  const post = async (tenant: string) => fetch(`${await app.getUrl()}/tenants/${tenant}`, { method: 'POST' });
  const responses = await Promise.all(['alice', 'bob', 'alice', 'bob'].map(post));
  expect(responses.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  await eventually(() => expect(app.get(Listeners).delivered).toHaveLength(4));

  // What send() runs for a request runs in that request, and in no other one.
  const ownCode = new Set(['secret', 'request interceptor', 'response interceptor']);
  for (const code of CODE) {
    const tenants = seen.of(code);
    const borrowed = tenants.filter((tenant) => tenant !== undefined);
    expect({ code, borrowed }).toEqual({ code, borrowed: ownCode.has(code) ? expect.anything() : [] });
    if (ownCode.has(code))
      expect({ code, borrowed: borrowed.toSorted() }).toEqual({ code, borrowed: ['alice', 'alice', 'bob', 'bob'] });
    expect({ code, times: tenants.length }).not.toEqual({ code, times: borrowed.length });
  }
}
