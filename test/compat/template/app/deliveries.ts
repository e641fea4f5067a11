import { Injectable } from '@nestjs/common';
import { OnCallback } from 'nestjs-callbacks';
import type { CallbackDelivered, CallbackFailed } from 'nestjs-callbacks';

/** Hears what becomes of the callback that was queued. */
@Injectable()
export class Deliveries {
  #deliver: (event: CallbackDelivered) => void = () => undefined;
  #fail: (reason: Error) => void = () => undefined;
  readonly outcome = new Promise<CallbackDelivered>((resolve, reject) => {
    this.#deliver = resolve;
    this.#fail = reject;
  });

  @OnCallback('delivered')
  delivered(event: CallbackDelivered) {
    this.#deliver(event);
  }

  @OnCallback('attemptFailed')
  failed({ error }: CallbackFailed) {
    this.#fail(error);
  }
}
