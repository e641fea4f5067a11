import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Callbacks } from './callbacks.service.js';
import { CALLBACK_RUNTIME } from './delivery/callback-runtime.js';
import type { CallbackRuntime } from './delivery/callback-runtime.js';

/** Starts and ends the runtime with the app, unless a test has replaced `Callbacks`: then no queue is opened. */
@Injectable()
export class CallbacksLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #runtime: CallbackRuntime | undefined;

  constructor(callbacks: Callbacks, @Inject(CALLBACK_RUNTIME) runtime: CallbackRuntime) {
    this.#runtime = callbacks instanceof Callbacks ? runtime : undefined;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#runtime?.start();
  }

  /** The listeners of the last attempts still find most of their app whole. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#runtime?.stop();
  }

  /** The last requests have ended: nothing is enqueued any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.#runtime?.close();
  }
}
