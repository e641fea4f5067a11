import { Injectable } from '@nestjs/common';
import { OnCallback } from 'nestjs-callbacks';
import type { CallbackDelivered, CallbackFailed } from 'nestjs-callbacks';

/** Listens to the outcome of the queued callback. */
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
