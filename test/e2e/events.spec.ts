import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Scope } from '@nestjs/common';
import axios from 'axios';
import { OnCallback } from 'nestjs-callbacks';
import type { CallbackDiagnostic, CallbackFailed, CallbackReceiverDown, CallbackReceiverUp } from 'nestjs-callbacks';
import { closeAll, closing } from '../support/closing.js';
import { event, ok, Outcomes, receiving, replying, start, urlsAt } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks, InvoicesController } from '../support/invoices.js';
import type { Receiver } from '../support/start-receiver.js';

afterEach(closeAll);

const NAMES = ['queued', 'delivered', 'attemptFailed', 'failed', 'cancelled', 'receiverDown', 'receiverUp'];

/** What the channels carry, until `closeAll()`. */
function observe(): [name: string, diagnostic: CallbackDiagnostic][] {
  const seen: [string, CallbackDiagnostic][] = [];
  for (const name of NAMES) {
    const note = (message: unknown) => void seen.push([name, message as CallbackDiagnostic]);
    subscribe(`nestjs-callbacks:${name}`, note);
    closing({ close: async () => unsubscribe(`nestjs-callbacks:${name}`, note) });
  }
  return seen;
}

const secretUrls = (receiver: Receiver) => ({
  invoiceNotification: `${receiver.url}/s3cret/invoices/2expen51ve?token=s3cret`,
});
const options = { key: 'invoice-7-paid', context: { tenant: 's3cret' } };

describe('node:diagnostics_channel', () => {
  it('carries each event under its name, with nothing secret in it', async () => {
    const seen = observe();
    const receiver = await receiving(replying(503), ok);
    const host = `127.0.0.1:${receiver.port}`;
    const { callbacks } = await start(receiver.port);
    await callbacks.enqueue(InvoiceCallbacks, secretUrls(receiver), options).invoiceNotification(event);
    await eventually(() => expect(seen.at(-1)?.[0]).toBe('delivered'));
    const id = expect.stringMatching(/^msg_/);
    const common = { id, callback: 'InvoiceCallbacks.invoiceNotification', key: 'invoice-7-paid', host };
    const duration = expect.any(Number);
    expect(seen).toEqual([
      ['queued', common],
      [
        'attemptFailed',
        { ...common, attempt: 1, duration, statusCode: 503, reason: 'status', nextAttemptAt: expect.any(Date) },
      ],
      ['delivered', { ...common, attempt: 2, duration, statusCode: 200 }],
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/s3cret|Payment celebration/);
  });

  it('carries permanent failures and cancellations', async () => {
    const seen = observe();
    const receiver = await receiving(replying(410), replying(503));
    const { callbacks } = await start(receiver.port, { retry: { schedule: [3_600_000] } });
    await callbacks.enqueue(InvoiceCallbacks, secretUrls(receiver)).invoiceNotification(event);
    await eventually(() => expect(seen.map(([name]) => name)).toEqual(['queued', 'attemptFailed', 'failed']));
    await callbacks.enqueue(InvoiceCallbacks, secretUrls(receiver), options).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.cancel({ key: options.key })).toEqual({ count: 1 }));
    expect(seen.at(-1)).toEqual(['cancelled', expect.objectContaining({ key: 'invoice-7-paid' })]);
    expect(JSON.stringify(seen)).not.toMatch(/s3cret/);
  });

  it('has no message about a duplicate', async () => {
    const seen = observe();
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port);
    for (let count = 0; count < 2; count++)
      await callbacks.enqueue(InvoiceCallbacks, secretUrls(receiver), options).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
    expect(seen.filter(([name]) => name === 'queued')).toHaveLength(1);
  });
});

@Injectable()
class Alerts {
  readonly told: ([name: 'down', event: CallbackReceiverDown] | [name: 'up', event: CallbackReceiverUp])[] = [];

  @OnCallback('receiverDown')
  noteDown(down: CallbackReceiverDown) {
    this.told.push(['down', down]);
  }

  @OnCallback('receiverUp')
  noteUp(up: CallbackReceiverUp) {
    this.told.push(['up', up]);
  }
}

describe("@OnCallback('receiverDown' | 'receiverUp')", () => {
  it('is sent once for each change, with the number of waiting deliveries', async () => {
    const seen = observe();
    let isDown = true;
    const receiver = await receiving((request, response) => {
      if (isDown) request.socket.destroy();
      else ok(request, response);
    });
    const metadata = { controllers: [InvoicesController], providers: [Alerts] };
    const retry = { schedule: Array.from({ length: 50 }, () => 40), jitter: 0 };
    const { app, callbacks } = await start(receiver.port, { retry }, metadata);
    const { told } = app.get(Alerts);
    for (let count = 0; count < 5; count++)
      await callbacks.enqueue(InvoiceCallbacks, secretUrls(receiver)).invoiceNotification(event);
    await eventually(() => expect(receiver.requests.length).toBeGreaterThan(8));
    const host = `127.0.0.1:${receiver.port}`;
    const where = { receiver: `${receiver.url}/s3cret?token=s3cret`, host };
    expect(told).toEqual([['down', { ...where, waiting: 4, error: expect.any(Error) }]]);
    isDown = false;
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 5 }));
    expect(told.slice(1)).toEqual([['up', { ...where, waiting: expect.any(Number) }]]);
    const alerts = seen.filter(([name]) => name.startsWith('receiver'));
    expect(alerts.map(([name]) => name)).toEqual(['receiverDown', 'receiverUp']);
    expect(alerts[0]![1]).toEqual({ host, waiting: 4, reason: 'connection' });
    expect(JSON.stringify(alerts)).not.toContain('s3cret');
  });

  it('is up again as soon as it replies, whatever it replies', async () => {
    const seen = observe();
    const receiver = await receiving((request) => void request.socket.destroy(), replying(503), ok);
    const metadata = { controllers: [InvoicesController], providers: [Alerts] };
    const { app, callbacks } = await start(receiver.port, {}, metadata);
    await callbacks.enqueue(InvoiceCallbacks, secretUrls(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
    await eventually(() => expect(app.get(Alerts).told.map(([name]) => name)).toEqual(['down', 'up']));
    expect(seen.map(([name]) => name).filter((name) => name.startsWith('receiver'))).toEqual([
      'receiverDown',
      'receiverUp',
    ]);
  });

  it('is up again if it replies, though an interceptor throws', async () => {
    const receiver = await receiving((request) => void request.socket.destroy(), ok);
    const instance = axios.create();
    instance.interceptors.response.use(() => {
      throw new Error('I have no time for this.');
    });
    const metadata = { controllers: [InvoicesController], providers: [Alerts] };
    const { app, callbacks } = await start(receiver.port, { axios: instance }, metadata);
    await callbacks.enqueue(InvoiceCallbacks, secretUrls(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ failed: 1 }));
    await eventually(() => expect(app.get(Alerts).told.map(([name]) => name)).toEqual(['down', 'up']));
  });

  it('does not delay the end of the app, however long its listeners take', async () => {
    let told = 0;
    @Injectable()
    class Slow {
      @OnCallback('receiverDown')
      async noteDown() {
        told++;
        await new Promise(() => undefined);
      }
    }
    const retry = { schedule: [3_600_000] };
    const { app, callbacks, lines } = await start(1, { retry, timeout: 500 }, { providers: [Slow] });
    for (let count = 0; count < 20; count++) {
      await callbacks
        .enqueue(InvoiceCallbacks, { invoiceNotification: `http://127.0.0.1:1/${count}/invoices/1` })
        .invoiceNotification(event);
    }
    await eventually(() => expect(lines.filter((line) => line.includes('retry id='))).toHaveLength(20));
    await app.close();
    expect(told).toBeLessThan(10);
    expect(lines.join('\n')).toMatch(/Stopped waiting for the listeners of receiverDown and receiverUp waiting=1\d/);
  });

  it('is not sent for a receiver that answers with an error', async () => {
    const receiver = await receiving(replying(503), replying(410));
    const metadata = { controllers: [InvoicesController], providers: [Alerts] };
    const { app, callbacks } = await start(receiver.port, {}, metadata);
    await callbacks.enqueue(InvoiceCallbacks, secretUrls(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ failed: 1 }));
    // It waits for all events.
    await app.close();
    expect(app.get(Alerts).told).toEqual([]);
  });
});

describe('@OnCallback()', () => {
  it('listeners that throw, reject or hang are logged, and change nothing', async () => {
    @Injectable()
    class Careless {
      @OnCallback('delivered')
      throws() {
        throw new Error('I have no time for this.');
      }
      @OnCallback('delivered')
      async rejects() {
        throw new Error('Nor have I.');
      }
      @OnCallback('delivered')
      hangs() {
        return new Promise(() => undefined);
      }
    }
    const receiver = await receiving(ok);
    const metadata = { controllers: [InvoicesController], providers: [Outcomes, Careless] };
    const { callbacks, outcomes, lines } = await start(receiver.port, { timeout: 1_000 }, metadata);
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
    expect(outcomes.told).toHaveLength(1);
    expect(receiver.requests).toHaveLength(1);
    const log = lines.join('\n');
    expect(log).toContain('Careless.throws threw an error when it was called with an event event=delivered id=msg_');
    expect(log).toContain('Careless.rejects threw an error when it was called with an event event=delivered id=msg_');
    expect(log).toContain('Stopped waiting for Outcomes.noteDelivery, Careless.throws');
  });

  it('listeners of many cancelled deliveries that hang delay cancel() once', async () => {
    const givenUp: number[] = [];
    @Injectable()
    class Hanging {
      @OnCallback('cancelled')
      async noteCancelled() {
        givenUp.push(lines.filter((line) => line.includes('Stopped waiting')).length);
        await new Promise(() => undefined);
      }
    }
    const { callbacks, lines } = await start(
      undefined,
      { timeout: 200, concurrency: { total: 0 } },
      { providers: [Hanging] },
    );
    const urls = { invoiceNotification: 'https://www.external.org/invoices/1' };
    for (let count = 0; count < 30; count++) await callbacks.enqueue(InvoiceCallbacks, urls).invoiceNotification(event);
    expect(await callbacks.cancel({ state: 'queued' })).toEqual({ count: 30 });
    // None was called only after another one was given up.
    expect(givenUp).toEqual(Array.from({ length: 30 }, () => 0));
  });

  it('listens in a controller too, to several events, and once if two tokens share a provider', async () => {
    const told: string[] = [];
    @Controller()
    class Hub {
      @OnCallback('attemptFailed')
      @OnCallback('failed')
      note({ id, error }: CallbackFailed) {
        told.push(`${id.slice(0, 4)} ${error.name}`);
      }
    }
    const receiver = await receiving(replying(410));
    const providers = [Outcomes, { provide: 'alias', useExisting: Outcomes }];
    const { callbacks, outcomes } = await start(receiver.port, {}, { controllers: [Hub], providers });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(told).toEqual(['msg_ CallbackDeliveryError', 'msg_ CallbackDeliveryError']));
    expect(outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'failed']);
  });

  it('ignores values that are not instances of a class, and getters', async () => {
    class Touchy {
      get note(): () => void {
        throw new Error('It was touched.');
      }
    }
    const bare = Object.create(Object.assign(Object.create(null), { note() {} }));
    const { callbacks } = await start(undefined, {}, { providers: [Touchy, { provide: 'bare', useValue: bare }] });
    expect(await callbacks.stats()).toMatchObject({ queued: 0 });
  });

  it('is rejected on members that nobody would call', () => {
    expect(() => {
      class Static {
        @OnCallback('delivered')
        static note() {}
      }
      return Static;
    }).toThrow("@OnCallback('delivered') must be on a method that has a name and is not static, but note is not.");
  });

  it('is rejected for an unknown event', () => {
    expect(() => OnCallback('deliverd' as 'delivered')).toThrow(
      "@OnCallback('deliverd') names an unknown event. Fix: use one of delivered, attemptFailed, failed, cancelled, receiverDown, receiverUp.",
    );
  });

  it.each([
    ['wherever it is injected', Scope.TRANSIENT],
    ['for each request', Scope.REQUEST],
  ])('in a provider that is created %s is an error when the app starts', async (when, scope) => {
    @Injectable({ scope })
    class Scoped {
      @OnCallback('delivered')
      note() {}
    }
    await expect(start(undefined, {}, { providers: [Scoped] })).rejects.toThrow(
      `Scoped.note() has @OnCallback('delivered'), but its class is created ${when}.`,
    );
  });
});
