import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { CallbackClass } from '../metadata/callback-metadata.js';
import type { DeliveryTerms } from '../openapi/delivery-terms.js';

/** The token of the provider with the options of `CallbacksModule` that concern the document. */
export const APP_CALLBACKS = Symbol('nestjs-callbacks: callbacks and webhooks of the app');

/** The callbacks and webhooks of an app as a whole. */
export interface AppCallbacks {
  /** Linked to every operation. */
  readonly callbacks: readonly CallbackClass[];
  readonly webhooks: readonly CallbackClass[];
  /** Whether requests are signed. */
  readonly isSigned: boolean;
  /** The terms of each delivery; absent without `CallbacksModule`, since nothing is sent. */
  readonly terms?: DeliveryTerms | undefined;
}

/** The callbacks and webhooks of an app; none if it does not import `CallbacksModule`. */
export function readAppCallbacks(app: INestApplication): AppCallbacks {
  const modules = [...app.get(ModulesContainer).values()];
  // Nest knows an instance by its token alone; this one is ours.
  const found = modules.flatMap((module) => (module.providers.get(APP_CALLBACKS)?.instance as AppCallbacks) ?? []);
  return {
    callbacks: found.flatMap(({ callbacks }) => callbacks),
    webhooks: found.flatMap(({ webhooks }) => webhooks),
    isSigned: found.some(({ isSigned }) => isSigned),
    terms: found[0]?.terms,
  };
}
