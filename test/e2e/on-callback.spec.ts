import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Scope } from '@nestjs/common';
import { OnCallback } from 'nestjs-callbacks';
import type { CallbackFailed } from 'nestjs-callbacks';
import { closeAll } from '../support/closing.js';
import { event, ok, Outcomes, receiving, replying, start, urlsAt } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks, InvoicesController } from '../support/invoices.js';

afterEach(closeAll);

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

  it('is refused for an event that there is not', () => {
    expect(() => OnCallback('deliverd' as 'delivered')).toThrow(
      "@OnCallback('deliverd') names an unknown event. Fix: use one of delivered, attemptFailed, failed, cancelled, receiverDown, receiverUp.",
    );
  });

  it('in a provider that is made wherever it is injected is an error when the app starts', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {
      @OnCallback('delivered')
      note() {}
    }
    await expect(start(undefined, {}, { providers: [Transient] })).rejects.toThrow(
      "Transient.note() has @OnCallback('delivered'), but its class is created wherever it is injected.",
    );
  });

  it('in a provider that is made for each request is an error when the app starts', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @OnCallback('delivered')
      note() {}
    }
    await expect(start(undefined, {}, { providers: [PerRequest] })).rejects.toThrow(
      "PerRequest.note() has @OnCallback('delivered'), but its class is created for each request.",
    );
  });
});
