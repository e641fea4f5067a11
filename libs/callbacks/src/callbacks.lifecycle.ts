import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { findOutboxLoops } from './callback-outbox.js';
import { Callbacks } from './callbacks.service.js';
import { CALLBACK_RUNTIME } from './delivery/callback-runtime.js';
import type { CallbackRuntime } from './delivery/callback-runtime.js';
import type { RunningOutbox } from './delivery/outbox/outbox-loop.js';

/** Starts and stops the runtime with the app. If a test has replaced `Callbacks`, no queue is opened. */
@Injectable()
export class CallbacksLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #runtime: CallbackRuntime | undefined;
  #outboxes: readonly RunningOutbox[] = [];

  constructor(
    callbacks: Callbacks,
    @Inject(CALLBACK_RUNTIME) runtime: CallbackRuntime,
    private readonly discovery: DiscoveryService,
  ) {
    this.#runtime = callbacks instanceof Callbacks ? runtime : undefined;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.#runtime) return;
    this.#outboxes = findOutboxLoops(this.discovery);
    await this.#runtime.start();
    for (const outbox of this.#outboxes) outbox.start();
  }

  /** Before the shutdown of other providers, which the listeners of the last attempts may need. */
  async beforeApplicationShutdown(): Promise<void> {
    const limit = this.#runtime?.timeout ?? 0;
    await Promise.all(this.#outboxes.map((outbox) => outbox.stop(limit)));
    await this.#runtime?.stop();
  }

  /** The last requests have ended, so nothing more is enqueued. */
  async onApplicationShutdown(): Promise<void> {
    await this.#runtime?.close();
  }
}
